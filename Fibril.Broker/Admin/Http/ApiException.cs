namespace Fibril.Broker.Admin.Http;

/// <summary>How a route refuses a request. The message is fit for the caller.</summary>
internal sealed class ApiException(ApiErrorCode code, string message, params IReadOnlyList<FieldProblem> details) : Exception(message)
{
    public ApiErrorCode Code { get; } = code;

    public IReadOnlyList<FieldProblem> Details { get; } = details;
}

/// <summary>What is wrong with one field of a request.</summary>
/// <param name="Field">Its name, as a path from the root of the body, or the name of the query parameter.</param>
/// <param name="Problem">What is wrong, and what is allowed.</param>
internal sealed record FieldProblem(string Field, string Problem);
