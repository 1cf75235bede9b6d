using System.Globalization;

namespace Fibril.Cli.Publishing;

/// <summary>A text with <c>{n}</c>, <c>{uuid}</c> and <c>{now}</c> in it, which are other in every message.</summary>
internal sealed class MessageTemplate(string text, TimeProvider time)
{
    public const string Forms = "{n} is the number of the message, from 1; {uuid} a new UUID; {now} the time";

    public string Make(long number) => text
        .Replace("{n}", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{uuid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
        .Replace("{now}", time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
