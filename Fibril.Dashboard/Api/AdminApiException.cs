namespace Fibril.Dashboard.Api;

/// <summary>The broker has refused something, or could not be asked. The message is fit for people.</summary>
/// <param name="status">HTTP status of the answer; 0 when there was none.</param>
/// <param name="code">A stable name from the documentation of the API; <c>unreachable</c> when there was no answer.</param>
/// <param name="message">What is wrong, and what to do instead.</param>
/// <param name="details">Field by field; empty when no field is to blame.</param>
/// <param name="requestId">Id of the request, which the broker's log has too.</param>
public sealed class AdminApiException(int status, string code, string message, IReadOnlyList<FieldProblem> details, string? requestId, Exception? inner = null)
    : Exception(message, inner)
{
    public const string Unreachable = "unreachable";

    public int Status => status;

    public string Code => code;

    public IReadOnlyList<FieldProblem> Details => details;

    public string? RequestId => requestId;

    /// <summary>True when a login is missing, or has ended.</summary>
    public bool NeedsLogin => status == StatusCodes.Status401Unauthorized;

    /// <summary>True when the broker did not answer at all.</summary>
    public bool IsUnreachable => code == Unreachable;

    /// <summary>True when what was asked for is not there.</summary>
    public bool IsNotFound => status == StatusCodes.Status404NotFound;
}

/// <summary>What is wrong with one field of a request.</summary>
public sealed record FieldProblem(string Field, string Problem);

/// <summary>The body of every answer that is not a success.</summary>
public sealed record ApiError(string Code, string Message, IReadOnlyList<FieldProblem>? Details, string? RequestId);
