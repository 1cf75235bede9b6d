using System.Globalization;
using System.Text.Json;
using Fibril.Cli.Output;

namespace Fibril.Cli.Views;

/// <summary>One value of a row or document, and how people see it.</summary>
/// <param name="Title">Heading.</param>
/// <param name="Path">Where it is; also its name in CSV.</param>
/// <param name="Show">Turns a value that is there into text; the time is now.</param>
/// <param name="IsNumber">True lines it up on the right.</param>
/// <param name="IsExtra">True leaves it out unless the wide format is wanted.</param>
internal sealed record Column(string Title, string Path, Func<JsonElement, DateTimeOffset, string> Show, bool IsNumber = false, bool IsExtra = false)
{
    /// <summary>What stands for a value that is not there.</summary>
    public const string Nothing = "-";

    public Column Extra => this with { IsExtra = true };

    public static Column Text(string title, string path) => new(title, path, static (value, _) => Plain(value));

    /// <summary>A value of whatever kind, on the right and exactly as it is.</summary>
    public static Column Value(string title, string path) => Text(title, path) with { IsNumber = true };

    public static Column Count(string title, string path) => new(title, path, static (value, _) => Number(value, "#,0"), IsNumber: true);

    public static Column Rate(string title, string path) => new(title, path, static (value, _) => Number(value, "#,0.#"), IsNumber: true);

    public static Column Bytes(string title, string path) => new(title, path, static (value, _) => value.ValueKind == JsonValueKind.Number ? Amounts.Bytes((long)value.GetDouble()) : Plain(value), IsNumber: true);

    /// <summary>A duration in milliseconds, which may have a fraction.</summary>
    public static Column Milliseconds(string title, string path) => new(
        title, path, static (value, _) => value.ValueKind == JsonValueKind.Number ? Lasting(TimeSpan.FromMilliseconds(value.GetDouble())) : Plain(value), IsNumber: true);

    /// <summary>A duration in seconds.</summary>
    public static Column Seconds(string title, string path) => new(
        title, path, static (value, _) => value.Number() is { } seconds ? Amounts.Span(TimeSpan.FromSeconds(seconds)) : Plain(value), IsNumber: true);

    /// <summary>How long ago a time in Unix milliseconds was.</summary>
    public static Column Age(string title, string path) => new(
        title, path, static (value, now) => TimeOf(value) is { } time ? Amounts.Span(now - time) : Plain(value), IsNumber: true);

    /// <summary>A time in Unix milliseconds.</summary>
    public static Column Time(string title, string path) => new(title, path, static (value, _) => TimeOf(value) is { } time ? Moment(time) : Plain(value));

    /// <summary>A text of its own making, from the whole row.</summary>
    public static Column Made(string title, string path, Func<JsonElement, string> make) => new(title, path, (value, _) => make(value));

    /// <summary>The text for people.</summary>
    public string CellOf(JsonElement row, DateTimeOffset now)
    {
        JsonElement value = row.At(Path);
        return value.IsMissing() ? Nothing : Printable(Show(value, now));
    }

    /// <summary>The value as it is; of an object what people see of it.</summary>
    public string RawOf(JsonElement row) => row.At(Path) is var value && value.IsMissing() ? "" : value.ValueKind == JsonValueKind.Object ? Show(value, default) : Plain(value);

    private static string Lasting(TimeSpan time) => time < TimeSpan.FromMinutes(1) ? Amounts.Duration(time) : Amounts.Span(time);

    internal static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal static DateTimeOffset? TimeOf(JsonElement value) =>
        value.Number() is { } milliseconds and > -62_135_596_800_000 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;

    /// <summary>Names and payloads come from others: what would move the cursor or change colours becomes harmless.</summary>
    internal static string Printable(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(static character => char.IsControl(character) ? '·' : character)) : text;

    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Array => value.GetArrayLength() == 0 ? Nothing : string.Join(',', value.EnumerateArray().Select(Plain)),
        _ => value.GetRawText(),
    };

    private static string Number(JsonElement value, string format) => value.ValueKind != JsonValueKind.Number ? Plain(value)
        : value.TryGetInt64(out long whole) ? whole.ToString(format, CultureInfo.InvariantCulture)
        : value.GetDouble().ToString(format, CultureInfo.InvariantCulture);
}
