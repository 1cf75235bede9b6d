namespace Fibril.Broker.Admin.Http;

/// <summary>One route of the admin API: the one description that routing, checks, the OpenAPI document and the reference are made of.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path, with parameters in braces.</param>
/// <param name="Access">What the caller must be allowed to do.</param>
/// <param name="Summary">One sentence.</param>
internal sealed record ApiRoute(string Method, string Path, Access Access, string Summary)
{
    public IReadOnlyList<QueryParameter> Parameters { get; private set; } = [];

    /// <summary>Refusals of its own, besides those that every route may answer with.</summary>
    public IReadOnlyList<ApiErrorCode> Errors { get; private set; } = [];

    public Type? BodyType { get; init; }

    public Type? AnswerType { get; init; }

    public int SuccessStatus { get; private set; } = StatusCodes.Status200OK;

    /// <summary>True when the route changes something: a browser's session must then prove that its own page asks.</summary>
    public bool IsChange => Method != HttpMethods.Get;

    public ApiRoute With(params IReadOnlyList<QueryParameter> parameters)
    {
        Parameters = parameters;
        return this;
    }

    public ApiRoute May(params IReadOnlyList<ApiErrorCode> errors)
    {
        Errors = errors;
        return this;
    }

    public ApiRoute Answers(int status)
    {
        SuccessStatus = status;
        return this;
    }
}
