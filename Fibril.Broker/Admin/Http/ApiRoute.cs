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

    /// <summary>The document behind a change that names the version it read: the answer, and with 409 what there is instead; null for other routes.</summary>
    public Type? DocumentType { get; private set; }

    public string MediaType { get; private set; } = "application/json";

    /// <summary>True when there may be nothing to answer with, which is then null.</summary>
    public bool MayBeNull { get; private set; }

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

    public ApiRoute Sends(string mediaType)
    {
        MediaType = mediaType;
        return this;
    }

    public ApiRoute OrNull()
    {
        MayBeNull = true;
        return this;
    }

    public ApiRoute Changes<TDocument>()
    {
        DocumentType = typeof(TDocument);
        return this;
    }

    public ApiRoute Answers(int status)
    {
        SuccessStatus = status;
        return this;
    }
}
