using System.Globalization;

namespace Fibril.Cli.Parsing;

/// <summary>A time as people write it: how long ago, or a date and time, which is UTC unless it says otherwise.</summary>
internal readonly record struct Moment(TimeSpan? Ago, DateTimeOffset At)
{
    public const string Forms = "how long ago, such as 15m or 2h, or a date such as 2026-01-31 or 2026-01-31T12:00:00Z";

    public static bool TryParse(string text, out Moment moment)
    {
        moment = default;
        if (DurationText.TryParse(text, out TimeSpan ago)) moment = new Moment(ago, default);
        else if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at))
            moment = new Moment(null, at);
        else return false;
        return true;
    }

    public DateTimeOffset Resolve(TimeProvider time) => Ago is { } ago ? time.GetUtcNow() - ago : At;

    public long ToUnixMilliseconds(TimeProvider time) => Resolve(time).ToUnixTimeMilliseconds();
}
