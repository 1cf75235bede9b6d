// What only the browser can do: colours, keys, the cursor of charts, the clipboard. Everything listens on the document, because Blazor exchanges what is below it.
(() => {
    "use strict";

    const root = document.documentElement;
    const keep = name => `fibril.${name}`;

    // ---- For the components -------------------------------------------------------------------------------------------------------------------------

    let page = null; // the layout, which knows where keys lead

    const fibril = window.fibril = {
        attach(component) {
            page = component;
            root.dataset.interactive = "true";
            if (document.hidden) tellVisibility();
        },

        async copy(text) {
            try {
                await navigator.clipboard.writeText(text);
                return true;
            } catch {
                return false; // not over plain HTTP, and not where it is forbidden
            }
        },

        download(name, mediaType, text) {
            const link = document.createElement("a");
            link.href = URL.createObjectURL(new Blob([text], { type: mediaType }));
            link.download = name;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        },

        recall: key => localStorage.getItem(keep(key)),

        remember(key, value) {
            localStorage.setItem(keep(key), value);
        },

        async askToNotify() {
            if (!("Notification" in window)) return "unsupported";
            return await Notification.requestPermission();
        },

        notify(title, text) {
            if ("Notification" in window && Notification.permission === "granted" && document.hidden) new Notification(title, { body: text });
        },

        theme: () => root.dataset.theme ?? "system",

        setTheme(name) {
            root.dataset.theme = name;
            localStorage.setItem(keep("theme"), name);
        },

        focus(selector) {
            document.querySelector(selector)?.focus();
        },
    };

    const tellVisibility = () => page?.invokeMethodAsync("OnVisibility", document.hidden).catch(() => { /* without a connection; it is told again when that is back */ });
    document.addEventListener("visibilitychange", tellVisibility);

    document.addEventListener("click", event => {
        if (event.target.closest("[data-action=reload]")) location.reload();
        for (const open of document.querySelectorAll("details.column-choice[open], details.menu[open]")) {
            if (!open.contains(event.target)) open.open = false;
        }
    });

    // ---- Keys (dashboard 17.3) ----------------------------------------------------------------------------------------------------------------------

    const places = {
        o: "", q: "admin/queues", s: "admin/streams", m: "admin/messages", d: "admin/dlq", c: "admin/connections", u: "admin/subscriptions",
        a: "admin/activity", t: "admin/topology", x: "admin/diagnostics", e: "admin/security", ",": "admin/settings", z: "admin/quarantine",
    };
    let isGoing = false;
    let goingTimer = 0;

    const isTyping = target => target.closest("input, textarea, select, [contenteditable], [role=dialog]") !== null;
    const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr[data-key]")];

    function move(step) {
        const all = rows();
        if (all.length === 0) return;
        const at = all.indexOf(document.activeElement?.closest("tr[data-key]"));
        all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))].focus();
    }

    document.addEventListener("keydown", event => {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
            event.preventDefault();
            page?.invokeMethodAsync("OnKey", "palette");
            return;
        }

        if (event.key === "Escape") {
            for (const open of document.querySelectorAll("details.column-choice[open], details.menu[open]")) open.open = false;
            document.querySelector(".nav-open")?.click();
        }

        if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
        if (isGoing) {
            isGoing = false;
            clearTimeout(goingTimer);
            if (event.key in places) {
                event.preventDefault();
                page?.invokeMethodAsync("OnGo", places[event.key]);
            }
            return;
        }

        const row = event.target.closest("tr[data-key]");
        switch (event.key) {
            case "g":
                isGoing = true;
                goingTimer = setTimeout(() => isGoing = false, 1500);
                break;
            case "/":
                event.preventDefault();
                document.querySelector("[data-filter] input, input[data-filter]")?.focus();
                break;
            case "j": move(1); break;
            case "k": move(-1); break;
            case "Enter":
                if (row === event.target) row.querySelector("a[href]")?.click();
                break;
            case "e":
                row?.querySelector("[data-expand]")?.click();
                break;
            case "x":
                row?.querySelector("input[type=checkbox]")?.click();
                break;
            case "t":
                fibril.setTheme(isDark() ? "light" : "dark");
                break;
            case "?": page?.invokeMethodAsync("OnKey", "help"); break;
            case "p": page?.invokeMethodAsync("OnKey", "pause"); break;
            case "r": page?.invokeMethodAsync("OnKey", "refresh"); break;
        }
    });

    const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);

    // ---- The cursor of charts: the nearest sample, on every chart at once ---------------------------------------------------------------------------

    const read = plot => {
        if (plot.chartText !== plot.dataset.chart) [plot.chartText, plot.chart] = [plot.dataset.chart, JSON.parse(plot.dataset.chart)];
        return plot.chart;
    };

    const powers = (value, step, names) => {
        let power = 0;
        while (Math.abs(value) >= step && power < names.length - 1) [value, power] = [value / step, power + 1];
        return `${power === 0 ? +value.toFixed(2) : value.toPrecision(3)}${names[power]}`;
    };

    function label(value, unit) {
        if (value === null || value === undefined) return "nothing measured";
        switch (unit) {
            case "Bytes": return powers(value, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]);
            case "BytesPerSecond": return powers(value, 1024, [" B/s", " KiB/s", " MiB/s", " GiB/s"]);
            case "PerSecond": return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })}/s`;
            case "Milliseconds": return `${value.toLocaleString(undefined, { maximumFractionDigits: 3 })} ms`;
            case "Percent": return `${value.toFixed(1)} %`;
            default: return value.toLocaleString(undefined, { maximumFractionDigits: 2 });
        }
    }

    function ago(seconds) {
        if (seconds < 60) return `${Math.round(seconds)} s ago`;
        if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
        return `${(seconds / 3600).toFixed(1)} h ago`;
    }

    function cursorOf(plot) {
        let cursor = plot.querySelector(":scope > .cursor");
        if (!cursor) {
            cursor = document.createElement("div");
            cursor.className = "cursor";
            cursor.append(document.createElement("div"));
            plot.append(cursor);
        }
        return cursor;
    }

    function point(plot, at, isMain) {
        const chart = read(plot);
        const { times } = chart;
        const [from, to] = [times[0], times[times.length - 1]];
        let index = 0;
        for (let i = 1; i < times.length; i++) if (Math.abs(times[i] - at) < Math.abs(times[index] - at)) index = i;
        plot.chartIndex = index;
        const share = (times[index] - from) / Math.max(1, to - from);
        const cursor = cursorOf(plot);
        cursor.style.left = `${share * 100}%`;
        cursor.hidden = false;
        const tip = cursor.firstChild;
        tip.className = `tip${share > 0.5 ? " left" : ""}`;
        tip.hidden = !isMain;
        if (!isMain) return times[index];
        const moment = new Date(times[index] * 1000).toLocaleString(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", day: "numeric", month: "short" });
        const lines = [`${moment}, ${ago(Date.now() / 1000 - times[index])}`];
        for (const series of chart.series) if (!series.hidden) lines.push(`${series.name}: ${label(series.values[index], chart.unit)}`);
        for (const mark of chart.marks) if (Math.abs(mark.at - times[index]) <= (to - from) / 60) lines.push(`▾ ${mark.text}`);
        tip.replaceChildren(...lines.map(text => {
            const line = document.createElement("div");
            line.textContent = text;
            return line;
        }));
        return times[index];
    }

    function pointAll(main, at) {
        const time = point(main, at, true);
        for (const other of document.querySelectorAll("[data-chart]")) if (other !== main) point(other, time, false);
    }

    function hideCursors() {
        for (const cursor of document.querySelectorAll(".cursor")) cursor.hidden = true;
    }

    document.addEventListener("pointermove", event => {
        const plot = event.target.closest?.("[data-chart]");
        if (!plot) return;
        const box = plot.getBoundingClientRect();
        const { times } = read(plot);
        pointAll(plot, times[0] + (event.clientX - box.left) / box.width * (times[times.length - 1] - times[0]));
    }, { passive: true });

    document.addEventListener("pointerout", event => {
        if (event.target.closest?.("[data-chart]") && !event.relatedTarget?.closest?.("[data-chart]")) hideCursors();
    }, { passive: true });

    document.addEventListener("keydown", event => {
        const plot = event.target.closest?.("[data-chart]");
        if (!plot || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return;
        event.preventDefault();
        const { times } = read(plot);
        const last = times.length - 1;
        const index = plot.chartIndex ?? last;
        const next = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: last }[event.key];
        pointAll(plot, times[Math.min(last, Math.max(0, next))]);
    });

    document.addEventListener("focusout", event => {
        if (event.target.closest?.("[data-chart]")) hideCursors();
    });

    // ---- The connection of the page: back within a second after a blink, and patient with a broker that restarts -------------------------------------

    // A broker that was restarted does not know the page any more: it is loaded anew, at the same address and with the same filters.
    const lost = document.getElementById("components-reconnect-modal");
    new MutationObserver(() => {
        if (lost.classList.contains("components-reconnect-rejected")) location.reload();
        if (lost.classList.contains("components-reconnect-hide")) tellVisibility();
    }).observe(lost, { attributes: true, attributeFilter: ["class"] });

    Blazor.start({ circuit: { reconnectionOptions: { maxRetries: 10_000, retryIntervalMilliseconds: tried => Math.min(10_000, 500 * 1.6 ** tried) } } });
})();
