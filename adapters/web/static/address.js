// Where things are: beside the page, which may stand under a prefix that only a proxy knows.

export const address = (path) => new URL(path.replace(/^\//, ""), document.baseURI).href;
