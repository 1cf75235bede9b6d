using System.Text;
using System.Text.Json;

namespace Fibril.Cli.Publishing;

/// <summary>What the text or file that is given stands for.</summary>
internal static class PayloadFormat
{
    public const string Text = "text";
    public const string Json = "json";
    public const string Raw = "raw";
    public const string Base64 = "base64";

    /// <summary>The content type that goes with a format; null for none.</summary>
    public static string? ContentTypeOf(string? format) => format switch
    {
        Json => "application/json",
        Text => "text/plain; charset=utf-8",
        _ => null,
    };

    /// <summary>Checks JSON and decodes base64; everything else is as it is.</summary>
    /// <exception cref="CliException">It is not what the format says.</exception>
    public static byte[] Decode(byte[] given, string? format)
    {
        try
        {
            if (format == Base64) return Convert.FromBase64String(Encoding.ASCII.GetString(given).Trim());
            if (format != Json) return given;
            using JsonDocument document = JsonDocument.Parse(given);
            return given;
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new CliException(ExitCode.Usage, $"the message is no {format}", "Correct it, or give another --format.", fault);
        }
    }
}
