using System.Net.Mime;
using System.Text.Json;

namespace Fibril.Broker.Admin.Http;

/// <summary>The body of every answer that is not a success.</summary>
/// <param name="Code">A stable name from <see cref="ApiErrorCodes"/>.</param>
/// <param name="Message">For people.</param>
/// <param name="Details">Field by field; null when no field is to blame.</param>
/// <param name="RequestId">The id of the request, which the log has too.</param>
internal sealed record ApiError(string Code, string Message, IReadOnlyList<FieldProblem>? Details, string RequestId)
{
    /// <summary>Writes an error in the format that the caller prefers: the envelope, or problem details (RFC 9457).</summary>
    public static Task WriteAsync(HttpContext context, ApiErrorCode code, string message, IReadOnlyList<FieldProblem>? details = null)
    {
        string requestId = RequestIds.Of(context);
        message = WithoutControls(message);
        details = details is { Count: > 0 } ? [.. details.Select(static detail => new FieldProblem(WithoutControls(detail.Field), WithoutControls(detail.Problem)))] : null;
        context.Response.StatusCode = code.Status;
        if (!PrefersProblem(context.Request))
            return WriteAsync(context, new ApiError(code.Name, message, details, requestId), MediaTypeNames.Application.Json);
        var problem = new ApiProblem($"urn:fibril:error:{code.Name}", code.Name.Replace('_', ' '), code.Status, message, context.Request.Path, code.Name, details, requestId);
        return WriteAsync(context, problem, MediaTypeNames.Application.ProblemJson);
    }

    private static bool PrefersProblem(HttpRequest request) => request.GetTypedHeaders().Accept
        .Any(static accepted => accepted.MediaType.Equals(MediaTypeNames.Application.ProblemJson, StringComparison.OrdinalIgnoreCase));

    /// <summary>Messages quote requests, and are shown on terminals, which obey control characters.</summary>
    private static string WithoutControls(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(static character => char.IsControl(character) ? '\ufffd' : character)) : text;

    private static Task WriteAsync<T>(HttpContext context, T body, string mediaType)
    {
        context.Response.ContentType = mediaType;
        return JsonSerializer.SerializeAsync(context.Response.Body, body, ApiJson.Options, context.RequestAborted);
    }
}

/// <summary>An error as problem details (RFC 9457), with the members of the envelope beside them.</summary>
internal sealed record ApiProblem(
    string Type, string Title, int Status, string Detail, string Instance, string Code, IReadOnlyList<FieldProblem>? Details, string RequestId);
