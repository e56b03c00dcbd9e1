def logged(function):
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        if result is not None:
            log("decided", result.operation)
        return result

    return wrapper


class Decorated:
    @logged
    def should_trade(self, data):
        price = data.get_price("X")
        if price < 96.5 and not data.positions:
            return Decision("buy", "X", target_portion_of_balance=0.5, leverage=2)
        if price > 103.5 and data.positions:
            return Decision("close", "X")
