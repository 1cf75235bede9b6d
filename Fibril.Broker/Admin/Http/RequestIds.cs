namespace Fibril.Broker.Admin.Http;

/// <summary>The id of a request: the caller's own, or one that is made here. It is in the answer, in errors, in the log and in the audit trail.</summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";

    private const int Longest = 64;

    public static string Of(HttpContext context) => context.TraceIdentifier;

    /// <summary>Takes the caller's id if it is one that cannot forge anything, and puts it on the answer.</summary>
    public static void Assign(HttpContext context)
    {
        string? offered = context.Request.Headers[Header];
        context.TraceIdentifier = offered is { Length: > 0 and <= Longest } && offered.All(IsPlain) ? offered : Guid.CreateVersion7().ToString("N");
        context.Response.Headers[Header] = context.TraceIdentifier;
    }

    private static bool IsPlain(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.' or ':';
}
