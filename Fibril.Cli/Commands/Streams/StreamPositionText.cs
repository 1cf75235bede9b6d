using System.Globalization;
using Fibril.Cli.Parsing;
using Fibril.Client;

namespace Fibril.Cli.Commands.Streams;

/// <summary>Positions in a stream as people write them.</summary>
internal static class StreamPositionText
{
    public const string Forms = "latest, earliest, offset:N, back:N, or time:T with T " + Moment.Forms;

    /// <summary>Null for what is no position.</summary>
    public static StreamPosition? Read(string text, TimeProvider time)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string kind = colon < 0 ? text : text[..colon], value = text[(colon + 1)..];
        bool isNumber = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        return kind switch
        {
            "latest" when colon < 0 => StreamPosition.Latest,
            "earliest" when colon < 0 => StreamPosition.Earliest,
            "offset" when isNumber => StreamPosition.AtOffset(number),
            "back" when isNumber => StreamPosition.Back(number),
            "time" when Moment.TryParse(value, out Moment moment) => StreamPosition.At(moment.Resolve(time)),
            _ => null,
        };
    }
}
