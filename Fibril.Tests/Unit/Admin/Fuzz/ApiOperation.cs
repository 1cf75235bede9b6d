using System.Text.Json;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>One operation of the admin API as its OpenAPI document promises it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path, with parameters in braces.</param>
/// <param name="Role">The least role that may use it.</param>
/// <param name="Description">The operation in the document.</param>
internal sealed record ApiOperation(string Method, string Path, string Role, JsonElement Description)
{
    public IReadOnlyList<JsonElement> QueryParameters { get; } = Description.TryGetProperty("parameters", out JsonElement parameters)
        ? [.. parameters.EnumerateArray().Where(static parameter => parameter.GetProperty("in").GetString() == "query")]
        : [];

    /// <summary>The schema of the body; null when the operation takes none.</summary>
    public JsonElement? Body { get; } = Description.TryGetProperty("requestBody", out JsonElement body)
        ? body.GetProperty("content").GetProperty("application/json").GetProperty("schema")
        : null;

    /// <summary>Reads all operations of a document, with the roles of the index.</summary>
    public static IReadOnlyList<ApiOperation> ReadAll(JsonElement document, JsonElement index)
    {
        Dictionary<string, string> roles = index.GetProperty("routes").EnumerateArray().ToDictionary(
            static route => $"{route.GetProperty("method").GetString()} {route.GetProperty("path").GetString()}", static route => route.GetProperty("role").GetString()!);
        return
        [
            .. document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation =>
            {
                string method = operation.Name.ToUpperInvariant();
                return new ApiOperation(method, path.Name, roles[$"{method} {path.Name}"], operation.Value);
            })),
        ];
    }

    /// <summary>The media type and schema of an answer; null when the document does not know the status.</summary>
    public (string MediaType, JsonElement Schema)? Answer(int status)
    {
        if (!Description.GetProperty("responses").TryGetProperty(status.ToString(System.Globalization.CultureInfo.InvariantCulture), out JsonElement response)) return null;
        JsonProperty content = response.GetProperty("content").EnumerateObject().Single();
        return (content.Name, content.Value.GetProperty("schema"));
    }

    public override string ToString() => $"{Method} {Path}";
}
