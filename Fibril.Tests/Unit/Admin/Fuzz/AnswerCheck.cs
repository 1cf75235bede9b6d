using System.Text.Json;
using Fibril.Broker.Admin.Http;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>Holds an answer against what the document promises and what the caller may do.</summary>
internal sealed class AnswerCheck(SchemaCheck schemas)
{
    private static readonly string[] Ranks = ["none", "viewer", "operator", "admin"];
    private static readonly Dictionary<string, ApiErrorCode> Codes = ApiErrorCodes.All.ToDictionary(static code => code.Name);

    /// <summary>What is wrong with an answer; null for nothing.</summary>
    /// <param name="made">The request.</param>
    /// <param name="role">The caller's role; <c>none</c> for one without a login.</param>
    /// <param name="status">Status of the answer.</param>
    /// <param name="mediaType">Media type of the answer, without parameters.</param>
    /// <param name="requestId">The header X-Request-Id of the answer.</param>
    /// <param name="text">The body; of events, the first data.</param>
    public string? Explain(MadeRequest made, string role, int status, string? mediaType, string? requestId, string text)
    {
        if (requestId is null) return "It carries no X-Request-Id.";
        if (made.Message.Method == HttpMethod.Head) return text.Length == 0 && status != 500 ? null : "HEAD has a body, or 500.";
        bool isSuccess = status is >= 200 and < 300;
        bool mayDo = Array.IndexOf(Ranks, role) >= Array.IndexOf(Ranks, made.Operation.Role);
        if (isSuccess && !made.IsElsewhere && !mayDo) return $"The role {role} has done what takes {made.Operation.Role}.";
        if (status == 303 && made.IsElsewhere) return null; // a page: the first one leads on, and the others lead to the login
        if (isSuccess && made.IsTooLarge && made.Message.Content is not null && made.Operation.Body is not null) return "A body that is too large was taken.";
        bool isDocument = status == 409 && made.Operation.Answer(409) is { Schema: var present } && !present.TryGetProperty("allOf", out _);
        return isSuccess || isDocument ? ExplainSuccess(made, status, mediaType, text) : ExplainError(made, role, mayDo, status, mediaType, requestId, text);
    }

    private string? ExplainSuccess(MadeRequest made, int status, string? mediaType, string text)
    {
        if (made.IsElsewhere) return null; // whatever is there, another operation answers for it
        if (made.Operation.Answer(status) is not ({ } promised, var schema)) return $"The document does not know the status {status}.";
        if (mediaType != promised) return $"It is {mediaType}, and {promised} was promised.";
        if (mediaType != "application/json") return null;
        return Parse(text) is { } json ? schemas.Explain(schema, json) : "It is no JSON.";
    }

    private static string? ExplainError(MadeRequest made, string role, bool mayDo, int status, string? mediaType, string requestId, string text)
    {
        if (mediaType is not ("application/json" or "application/problem+json")) return $"An error is {mediaType}.";
        if (Parse(text) is not { } json || !json.TryGetProperty("code", out JsonElement name)) return "An error is not in the one format.";
        string message = json.GetProperty(mediaType == "application/json" ? "message" : "detail").GetString() ?? "";
        if (message.Length == 0) return "An error has no message.";
        if (json.GetProperty("request_id").GetString() != requestId) return "The ids of the request differ.";
        if (json.GetProperty("details") is { ValueKind: JsonValueKind.Array } details
            && (details.GetArrayLength() == 0 || details.EnumerateArray().Any(static detail => detail.GetProperty("problem").GetString() is not { Length: > 0 })))
            return "Details say nothing.";
        if (message.Contains("System.", StringComparison.Ordinal) || message.Contains("Fibril.Broker.", StringComparison.Ordinal)) return $"The message talks of types of the program: {message}";
        if (message.Any(static character => char.IsControl(character))) return $"The message carries control characters: {message}";
        if (!Codes.TryGetValue(name.GetString()!, out ApiErrorCode? code)) return $"The code {name} is not in the list.";
        if (code.Status != status) return $"{code} came with {status}, and not {code.Status}.";
        if (status >= 500 && (status != 503 || made.Operation.Answer(503) is null)) return "The broker is to blame.";
        if (role == "none" && code.Name is not ("unauthorized" or "host_not_allowed" or "too_many_logins")) return $"Somebody without a login was answered {code}.";
        if (role == "none" || made.IsElsewhere) return null;
        if (!mayDo && !made.IsForged && code.Name != "forbidden") return $"The role {role} was answered {code}, and not forbidden.";
        if (mayDo && code.Name is "forbidden" or "unauthorized" && !made.IsForged && !made.ShowsPayloads) return $"The role {role} was answered {code} where {made.Operation.Role} is enough.";
        return made.Operation.Answer(status) is var (_, schema) && schema.TryGetProperty("allOf", out JsonElement parts)
            && parts[1].GetProperty("properties").GetProperty("code").GetProperty("enum").EnumerateArray().Any(declared => declared.GetString() == code.Name)
            ? null
            : $"The route does not declare {code}.";
    }

    private static JsonElement? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
