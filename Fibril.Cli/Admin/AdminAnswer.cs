using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Fibril.Cli.Admin;

/// <summary>What the admin API answered.</summary>
internal sealed record AdminAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, byte[] Body)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The body as JSON; null for an empty one.</summary>
    /// <exception cref="CliException">It is no JSON: something else answers at the address.</exception>
    public JsonElement Read()
    {
        if (Body.Length == 0) return default;
        try
        {
            using JsonDocument document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
        catch (JsonException fault)
        {
            throw new CliException(ExitCode.Failure, "the admin API answered with something that is no JSON", "See whether --admin names the admin port of a broker.", fault);
        }
    }
}
