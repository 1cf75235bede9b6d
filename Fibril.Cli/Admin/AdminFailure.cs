using System.Net;
using System.Text.Json;
using Fibril.Cli.Output;
using Fibril.Cli.Views;

namespace Fibril.Cli.Admin;

/// <summary>Explains what went wrong between here and the admin API.</summary>
internal static class AdminFailure
{
    private const string UnknownRoute = "not_found";
    private const string UnavailableEnding = "_unavailable";

    public static CliException NotReachable(Uri address, HttpRequestException failure)
    {
        string remedy = failure.HttpRequestError switch
        {
            HttpRequestError.SecureConnectionError => "Give --ca-file or --fingerprint of the broker's certificate, or use http:// when the broker has no TLS.",

            // TLS 1.3 judges the certificate of a client when the client takes the connection for open already.
            HttpRequestError.ResponseEnded when address.Scheme == Uri.UriSchemeHttps =>
                "The listener may want a certificate that it trusts: give --client-cert and --client-key (see fibrilctl cert issue). The broker's log says what it refused.",
            _ => "See whether the broker runs there and its admin listener is on, or name it with --admin host:port or --admin https://host:port.",
        };
        return new CliException(ExitCode.NotReachable, $"failed to connect to admin API {Shown(address)}", remedy, failure);
    }

    public static CliException TimedOut(Uri address, TimeSpan timeout) => new(
        ExitCode.TimedOut, $"the admin API {Shown(address)} did not answer within {Amounts.Duration(timeout)}", "Allow more time with --timeout, or look into the broker's log.");

    /// <summary>Explains a refusal. Its text keeps the words that scripts look for, and what the broker says.</summary>
    public static CliException Of(AdminAnswer answer, Uri address)
    {
        string status = $"admin API returned HTTP {(int)answer.Status}";
        if ((int)answer.Status is >= 300 and < 400)
        {
            return new CliException(
                ExitCode.NotReachable, $"{status}: it sends us to {answer.Headers.Location}", $"Use --admin {answer.Headers.Location?.GetLeftPart(UriPartial.Authority) ?? "https://host:port"}.");
        }

        if (TryRead(answer) is not { } error) return new CliException(CodeOf(answer.Status, null), $"{status}: {Shorten(answer.Text)}", RemedyOf(answer.Status, null));
        string code = error.At("code").Text() ?? "";
        string detail = string.Join("; ", error.At("details").Items().Select(static item => $"{item.At("field").Text()} {item.At("problem").Text()}"));
        string what = $"{status}: {error.At("message").Text()}{(detail.Length > 0 ? $" [{detail}]" : "")} ({code}, request {error.At("request_id").Text()})";
        return new CliException(CodeOf(answer.Status, code), Column.Printable(what), RemedyOf(answer.Status, code));
    }

    /// <summary>The exit code that goes with a status; a route or a feature that this broker does not have is no "not found".</summary>
    internal static int CodeOf(HttpStatusCode status, string? code) => status switch
    {
        HttpStatusCode.NotFound when code is null or UnknownRoute || code.EndsWith(UnavailableEnding, StringComparison.Ordinal) => ExitCode.Failure,
        HttpStatusCode.NotFound => ExitCode.NotFound,
        HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed or HttpStatusCode.Locked => ExitCode.Conflict,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests or HttpStatusCode.MisdirectedRequest => ExitCode.Authentication,
        HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout => ExitCode.TimedOut,
        _ => ExitCode.Failure,
    };

    private static string? RemedyOf(HttpStatusCode status, string? code) => (status, code) switch
    {
        (HttpStatusCode.Unauthorized, _) => "Give --username and --password (or --password-stdin, FIBRIL_USERNAME, FIBRIL_PASSWORD) of a user that the broker lets administrate.",
        (HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, null or UnknownRoute or "method_not_allowed") => "This broker does not have this function: it is older than this fibrilctl, or something else answers there. See fibrilctl version.",
        (HttpStatusCode.BadRequest, null) => "A broker with TLS answers https only: try --admin https://host:port.",
        _ => null,
    };

    private static JsonElement? TryRead(AdminAnswer answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer.Body);
            return document.RootElement.At("code").ValueKind == JsonValueKind.String ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length == 0 ? "(no text)" : Column.Printable(text.Length > 500 ? text[..500] + "..." : text);

    internal static string Shown(Uri address) => address.Scheme == Uri.UriSchemeHttp ? address.Authority : address.GetLeftPart(UriPartial.Authority);
}
