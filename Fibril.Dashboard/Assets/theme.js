// Before the first paint: the colours that the reader has chosen for this browser, so that nothing flashes.
(() => {
    const chosen = localStorage.getItem("fibril.theme") ?? "system";
    document.documentElement.dataset.theme = chosen;
})();
