// Which kline an instant belongs to. What happens when one ends and the next begins, a fill, a decision, an equity, belongs
// to the one that ends: its price is of that one. A fill at the open of the next belongs to the next. trade_marks.py adds
// bars up in the same way.

// An instant within the kline that one belongs to.
export const within = (at, isAtOpen) => at - (isAtOpen ? 0 : 1);
