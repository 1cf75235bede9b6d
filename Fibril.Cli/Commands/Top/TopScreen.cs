using System.Text.Json;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Top;

// No input but the arguments, and no output but the lines: tests draw what a terminal would show.
/// <summary>Draws the view of <c>fibrilctl top</c>.</summary>
internal static class TopScreen
{
    /// <summary>At least as many lines show something else than queues.</summary>
    public const int LeastHead = 8;

    private const int LeastQueueWidth = 16;
    private const int LeastCellWidth = 6;
    private const string Gap = "  ";

    private static readonly Column[] Flow = [Column.Rate("Published/s", "published"), Column.Rate("Delivered/s", "delivered"), Column.Rate("Acknowledged/s", "acked")];

    private static readonly Column[] Held =
    [
        Column.Count("Ready", "now.ready"), Column.Count("Leased", "now.leased"), Column.Count("Delayed", "now.delayed"), Column.Count("To the DLQ", "now.dead_lettering"),
    ];

    private static readonly Column[] Used =
    [
        Column.Count("Connections", "now.connections"), Column.Count("Subscriptions", "now.subscriptions"), Column.Bytes("Memory", "now.resident_bytes"),
        Column.Rate("CPU %", "now.cpu_percent"), Column.Bytes("Stored", "now.stored_bytes"), Column.Made("Disk free", "now", DiskOf),
    ];

    /// <summary>The columns of a queue besides its name; those at the end are left out first.</summary>
    private static readonly Column[] OfQueue =
    [
        Column.Count("READY", "ready_count"), Column.Count("LEASED", "inflight_count"), Column.Age("OLDEST", "oldest_ready_ms"), Column.Rate("IN/S", "in"), Column.Rate("OUT/S", "out"),
        Column.Count("CONSUMERS", "subscriptions"), Column.Count("DELAYED", "delayed_count"), Column.Count("TO-DLQ", "pending_dlq_count"), Column.Bytes("STORED", "stored_bytes"),
    ];

    /// <returns>At most as many lines as fit, none of them longer than what fits.</returns>
    public static IReadOnlyList<string> Draw(TopModel model, ScreenSize size)
    {
        List<string> lines = [Heading(model), .. Stale(model)];
        foreach ((Column[] columns, JsonElement source) in (ReadOnlySpan<(Column[], JsonElement)>)[(Flow, TopRates.OfBroker(model)), (Held, model.Last.Overview), (Used, model.Last.Overview)])
            lines.AddRange(Wrap(columns.Select(column => $"{column.Title} {column.CellOf(source, model.Last.At)}"), size.Width));
        lines.Add("");
        lines.AddRange(Attention(model, size));
        lines.Add("");
        int room = size.Height - lines.Count - 1; // the last line says which keys there are
        lines.AddRange(Queues(model, size.Width, room));
        return [.. lines.Take(size.Height - 1).Append(Footing(model)).Select(line => Cut(line, size.Width))];
    }

    private static string Heading(TopModel model)
    {
        string uptime = Column.Seconds("", "uptime_seconds").CellOf(model.Last.Overview, model.Last.At);
        return $"fibrilctl top  {model.Broker}  up {uptime}  {Clock(model.Last.At)}  every {Amounts.Duration(model.Interval)}";
    }

    private static IEnumerable<string> Stale(TopModel model) =>
        model.Trouble is { } trouble ? [$"STALE since {Clock(model.Last.At)}: {Column.Printable(trouble.ReplaceLineEndings(" "))}"] : [];

    /// <summary>As many cells in a line as fit.</summary>
    private static IEnumerable<string> Wrap(IEnumerable<string> cells, int width)
    {
        string line = "";
        foreach (string cell in cells)
        {
            if (line.Length > 0 && line.Length + Gap.Length + cell.Length > width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? cell : line + Gap + cell;
        }

        yield return line;
    }

    private static IEnumerable<string> Attention(TopModel model, ScreenSize size)
    {
        if (model.Last.Attention.At("items").ValueKind != JsonValueKind.Array) return ["This broker does not say what needs attention."];
        JsonElement[] items = [.. model.Last.Attention.At("items").Items().OrderBy(RankOf).ThenBy(static item => item.At("since_ms").Number() ?? long.MaxValue)];
        if (items.Length == 0) return ["Nothing needs attention."];
        int most = Math.Max(1, size.Height / 4);
        JsonElement[] shown = items[..Math.Min(most, items.Length)];
        int subject = shown.Max(static item => (item.At("subject").Text() ?? Column.Nothing).Length);
        return [
            .. shown.Select(item => Column.Printable(
                $"{item.At("severity").Text(),-8}{Gap}{(item.At("subject").Text() ?? Column.Nothing).PadRight(subject)}{Gap}{Column.Age("", "since_ms").CellOf(item, model.Last.At),6}{Gap}{item.At("headline").Text()}")),
            .. items.Length > shown.Length ? (string[])[$"and {items.Length - shown.Length} more, see fibrilctl attention"] : [],
        ];
    }

    /// <summary>Worst first, also where the broker has another order.</summary>
    private static int RankOf(JsonElement item) => item.At("severity").Text() switch
    {
        "critical" => 0,
        "warning" => 1,
        _ => 2,
    };

    private static IEnumerable<string> Queues(TopModel model, int width, int room)
    {
        if (model.Last.Queues.At("queues").ValueKind != JsonValueKind.Array) return ["This broker does not list its queues."];
        JsonElement[] rows = [.. model.Last.Queues.At("queues").Items().Take(Math.Max(0, room - 1)).Select(row => TopRates.OfQueue(model, row))];
        if (!model.Last.Queues.At("queues").Items().Any()) return ["No queues."];
        string[] names = ["QUEUE", .. rows.Select(static row => Column.Printable(QueueColumns.ChannelOf(row)))];
        int nameWidth = names.Max(static name => name.Length), left = width - Math.Min(nameWidth, Math.Max(LeastQueueWidth, width / 3));
        var columns = new List<string[]>();
        foreach (Column column in OfQueue)
        {
            string[] cells = [column.Title, .. rows.Select(row => column.CellOf(row, model.Last.At))];
            int cellWidth = Math.Max(LeastCellWidth, cells.Max(static cell => cell.Length));
            left -= Gap.Length + cellWidth;
            if (left < 0) break;
            columns.Add([.. cells.Select(cell => cell.PadLeft(cellWidth))]);
        }

        int own = width - columns.Sum(static cells => Gap.Length + cells[0].Length);
        return names.Select((name, line) => string.Concat(columns.Select(cells => Gap + cells[line]).Prepend(Cut(name, own).PadRight(Math.Min(nameWidth, own)))));
    }

    private static string Footing(TopModel model)
    {
        long total = model.Last.Queues.At("total").Number() ?? model.Last.Queues.At("queues").Items().Count();
        return $"{Amounts.Count(total, "queue", "queues")}, by {model.Order.Name}{(model.HasKeys ? "; s: another order, q: quit" : "")}";
    }

    private static string DiskOf(JsonElement now)
    {
        (Column free, Column total) = (Column.Bytes("", "disk_free_bytes"), Column.Bytes("", "disk_total_bytes"));
        return now.At(free.Path).IsMissing() ? Column.Nothing : $"{free.CellOf(now, default)} of {total.CellOf(now, default)}";
    }

    private static string Clock(DateTimeOffset time) => Column.Moment(time)[^9..];

    private static string Cut(string line, int width) => line.Length <= width ? line : width < 2 ? line[..Math.Max(0, width)] : line[..(width - 1)] + "…";
}
