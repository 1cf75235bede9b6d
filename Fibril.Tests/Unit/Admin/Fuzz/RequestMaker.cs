using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Fibril.Tests.Unit.Admin.Fuzz;

/// <summary>A request to send, and what the answer must not contradict.</summary>
/// <param name="Operation">The operation that it aims at.</param>
/// <param name="Message">The request.</param>
/// <param name="IsElsewhere">True when it names a path or a method that may not exist.</param>
/// <param name="IsTooLarge">True when its body is larger than any route takes.</param>
/// <param name="IsForged">True when it looks like one of another site, of another host, or without its token.</param>
/// <param name="Text">The whole of it, for people.</param>
internal sealed record MadeRequest(ApiOperation Operation, HttpRequestMessage Message, bool IsElsewhere, bool IsTooLarge, bool IsForged, string Text)
{
    /// <summary>True when it asks for more than its operation does in general, for which it takes an operator.</summary>
    public bool ShowsPayloads =>
        Text.Contains("include_payload=true", StringComparison.Ordinal) || (Operation.Path.EndsWith("/search", StringComparison.Ordinal) && Text.Contains("text=", StringComparison.Ordinal));
}

/// <summary>Makes requests for operations: most as they are meant, with one thing or another wrong.</summary>
internal sealed class RequestMaker(Random random, SchemaCheck schemas, Uri address)
{
    private const int TooManyBytes = (2 << 20) + 1;

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"];
    private static readonly string[] MediaTypes =
        ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/vnd.x+json", "json"];

    private static readonly string[] BrokenBodies = ["", "null", "true", "7", "\"text\"", "[]", "{", "{]", "{\"", "\0", "{}", "{\"a\":1}", "<a/>", "{\"topic\":\"orders\"}}", "\ufeff{}", "// x\n{}"];

    private readonly OddValues _odd = new(random);
    private string[] _connections = [];

    /// <summary>Takes the ids out of a list of connections, for requests to come.</summary>
    public void LearnConnections(JsonElement list) => _connections = [.. list.EnumerateArray().Select(static connection => connection.GetProperty("id").GetString()!)];

    public MadeRequest Make(ApiOperation operation)
    {
        string method = operation.Method;
        bool isElsewhere = false;
        if (_odd.Chance(3))
        {
            method = _odd.Pick(Methods);
            isElsewhere = true;
        }

        string path = PathOf(operation, ref isElsewhere);
        string target = path + Query(operation);
        var message = new HttpRequestMessage(
            new HttpMethod(method), new Uri(address.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        string? body = operation.Body is { } schema ? BodyOf(schema) : _odd.Chance(5) ? _odd.Anything() : null;
        bool isTooLarge = body is not null && Encoding.UTF8.GetByteCount(body) >= TooManyBytes;
        if (body is not null && method is not ("GET" or "HEAD" or "TRACE"))
        {
            message.Content = new StringContent(body, Encoding.UTF8);
            message.Content.Headers.ContentType = null;
            if (isTooLarge) message.Headers.ConnectionClose = true; // the server hangs up on what it does not read
            if (_odd.Chance(10)) message.Headers.TransferEncodingChunked = true;
            message.Content.Headers.TryAddWithoutValidation("Content-Type", _odd.Chance(4) ? _odd.Pick(MediaTypes) : "application/json");
        }

        bool isForged = AddOddHeaders(message);
        string shown = body is null ? "" : body.Length <= 400 ? body : $"{body[..400]}... ({body.Length} characters)";
        return new MadeRequest(operation, message, isElsewhere, isTooLarge, isForged, $"{method} {target} {message.Content?.Headers.ContentType} {shown} {string.Join("; ", message.Headers.Select(static header => $"{header.Key}: {string.Join(", ", header.Value)}"))}");
    }

    private string PathOf(ApiOperation operation, ref bool isElsewhere)
    {
        string[] steps = [.. operation.Path.Split('/').Select(step => step is ['{', .., '}'] ? Uri.EscapeDataString(PathValue(step[1..^1])) : step)];
        if (_odd.Chance(2))
        {
            isElsewhere = true;
            steps[_odd.Below(steps.Length)] = _odd.Pick(["..", "%2e%2e", "%00", "%2f", "", "x", "%ff", "{topic}", ";"]);
        }

        // A value with nothing to it, or with steps of its own, makes another path.
        string path = string.Join('/', steps);
        isElsewhere |= steps.Skip(1).Any(static step => step is "" or "." or "..") || path.Contains("%2F", StringComparison.OrdinalIgnoreCase) || path.Contains("%00", StringComparison.Ordinal);
        return path.StartsWith('/') ? path : "/" + path;
    }

    private string PathValue(string name) => name switch
    {
        "topic" when _odd.Chance(70) => _odd.Topic(),
        "username" when _odd.Chance(70) => _odd.Pick(["guest-1", "guest-2", "nobody"]),
        "offset" when _odd.Chance(70) => _odd.Below(6).ToString(System.Globalization.CultureInfo.InvariantCulture),
        "id" when _connections.Length > 0 && _odd.Chance(20) => _odd.Pick(_connections),
        "id" when _odd.Chance(50) => _odd.Below(4).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => _odd.WholeText() is { Length: <= 2000 } text ? text : "long",
    };

    private string Query(ApiOperation operation)
    {
        var pairs = new List<string>();
        foreach (JsonElement parameter in operation.QueryParameters)
        {
            string name = parameter.GetProperty("name").GetString()!;
            if (!_odd.Chance(parameter.GetProperty("required").GetBoolean() ? 95 : 35)) continue;
            pairs.Add($"{name}={Uri.EscapeDataString(QueryValue(name, parameter.GetProperty("schema")))}");
            if (_odd.Chance(2)) pairs.Add($"{name}=again");
        }

        if (_odd.Chance(3)) pairs.Add(_odd.Pick(["unknown=1", "=", "&&", "%00=1", "topic", "a[]=1", "%zz"]));
        return pairs.Count == 0 ? "" : "?" + string.Join('&', pairs);
    }

    private string QueryValue(string name, JsonElement schema)
    {
        if (_odd.Chance(15)) return _odd.WholeText() is { Length: <= 2000 } text ? text : "long";
        if (schema.TryGetProperty("enum", out JsonElement values)) return _odd.Pick([.. values.EnumerateArray()]).GetString()!;
        return schema.GetProperty("type").GetString() switch
        {
            "integer" => _odd.Chance(30) ? _odd.Number() : _odd.Below(5).ToString(System.Globalization.CultureInfo.InvariantCulture),
            "boolean" => _odd.Pick(["true", "false"]),
            _ => name switch
            {
                "topic" => _odd.Topic(),
                "group" => _odd.Pick(["", "default", "eu"]),
                "families" => _odd.Pick(["overview", "queues", "connections,queues", "all", "streams"]),
                _ => _odd.Pick(["a", "orders", "ready", "info"]),
            },
        };
    }

    private string BodyOf(JsonElement schema) => _odd.Below(100) switch
    {
        < 4 => _odd.Pick(BrokenBodies),
        4 when _odd.Chance(20) => $"{{\"topic\":\"{new string('x', TooManyBytes)}\"}}",
        5 => string.Concat(Enumerable.Repeat("{\"a\":", 5000)),
        6 => Value(schema, "", oddness: 10)[..^1],
        < 50 => Value(schema, "", oddness: 0),
        _ => Value(schema, "", oddness: 12),
    };

    /// <summary>A value of a schema as JSON; with a chance of <paramref name="oddness"/> percent for each part of it to be something else.</summary>
    private string Value(JsonElement described, string name, int oddness)
    {
        JsonElement schema = schemas.Resolve(described);
        if (_odd.Chance(oddness)) return _odd.Anything();
        if (schema.TryGetProperty("enum", out JsonElement values)) return _odd.Pick([.. values.EnumerateArray()]).GetRawText();
        if (!schema.TryGetProperty("type", out JsonElement types)) return Settings(oddness);
        string type = types.ValueKind == JsonValueKind.Array ? types[0].GetString()! : types.GetString()!;
        return type switch
        {
            "object" when schema.TryGetProperty("properties", out JsonElement members) => Members(schema, members, oddness),
            "object" => _odd.Pick(["{}", "{\"region\":\"eu\"}"]),
            "array" => $"[{string.Join(',', Enumerable.Range(0, _odd.Chance(3) ? 101 : _odd.Below(4)).Select(_ => Value(schema.GetProperty("items"), name, oddness)))}]",
            "boolean" => _odd.Pick(["true", "false"]),
            "integer" => _odd.Chance(oddness * 2) ? _odd.Number() : _odd.SmallNumber().ToString(System.Globalization.CultureInfo.InvariantCulture),
            "string" => OddValues.Quote(TextFor(name)),
            _ => "null",
        };
    }

    private string Members(JsonElement schema, JsonElement members, int oddness)
    {
        string[] required = schema.TryGetProperty("required", out JsonElement names) ? [.. names.EnumerateArray().Select(static name => name.GetString()!)] : [];
        var parts = new List<string>();
        foreach (JsonProperty member in members.EnumerateObject())
        {
            if (!_odd.Chance(required.Contains(member.Name) ? 100 - (oddness / 4) : 30)) continue;
            parts.Add($"\"{member.Name}\":{Value(member.Value, member.Name, oddness)}");
            if (_odd.Chance(oddness / 4)) parts.Add($"\"{member.Name}\":{Value(member.Value, member.Name, oddness)}");
        }

        if (_odd.Chance(oddness / 3)) parts.Add($"{OddValues.Quote(_odd.Text())}:{_odd.Anything()}");
        return $"{{{string.Join(',', parts)}}}";
    }

    private string TextFor(string name) => name switch
    {
        "topic" or "dlq_topic" or "source_topic" or "confirm_topic" => _odd.Chance(90) ? _odd.Topic() : _odd.Text(),
        "group" or "dlq_group" or "source_group" => _odd.Pick(["", "default", "eu", "EU"]),
        "username" => _odd.Chance(80) ? _odd.Pick(["guest-1", "guest-2"]) : _odd.Text(),
        "durability" => _odd.Pick(["durable", "ephemeral", "speculative", "eternal"]),
        "content_type" => _odd.Chance(50) ? _odd.Pick(["text", "json", "xml", "image/png"]) : _odd.Text(),
        "addr" => _odd.Pick(["localhost:1", "[::1]:9", "nowhere", ":", "a:0"]),
        _ => _odd.Text(),
    };

    private string Settings(int oddness) => _odd.Below(6) switch
    {
        0 => "{}",
        1 => "{\"delivery\":{\"inflight_ttl_ms\":" + _odd.Number() + "}}",
        2 => "{\"delivery\":" + _odd.Anything() + "}",
        3 => "{" + OddValues.Quote(_odd.Text()) + ":" + _odd.Anything() + "}",
        4 => "{\"delivery\":{\"inflight_ttl_ms\":" + (30_000 + _odd.Below(5)) + "}}",
        _ => oddness == 0 ? "{}" : _odd.Anything(),
    };

    /// <returns>True when the request may be refused for what its headers say of where it comes from.</returns>
    private bool AddOddHeaders(HttpRequestMessage message)
    {
        HttpRequestHeaders headers = message.Headers;
        switch (_odd.Below(60))
        {
            case 0: return headers.TryAddWithoutValidation("Origin", "https://elsewhere.example");
            case 1: return headers.TryAddWithoutValidation("Sec-Fetch-Site", "cross-site");
            case 2: return headers.TryAddWithoutValidation("Host", "elsewhere.example");
            case 3: return headers.TryAddWithoutValidation("X-CSRF-Token", "wrong");
            case 4: return headers.TryAddWithoutValidation("Origin", _odd.Pick(["null", "http://", "x"]));
            case 5: headers.TryAddWithoutValidation("X-Request-Id", _odd.Pick(["a b", new string('x', 65), "<b>", "mine-1"])); break;
            case 6: headers.TryAddWithoutValidation("Accept", _odd.Pick(["application/problem+json", "text/html", "*/*;q=x", ",,,"])); break;
            case 7: headers.TryAddWithoutValidation("If-None-Match", "\"1\""); break;
            case 8: headers.TryAddWithoutValidation("Range", "bytes=0-0"); break;
            case 9: headers.TryAddWithoutValidation("X-Forwarded-For", "1.2.3.4"); break;
            case 10: headers.TryAddWithoutValidation("Expect", "100-continue"); break;
            case 11: headers.TryAddWithoutValidation("Accept-Encoding", "gzip"); break;
            case 12: headers.TryAddWithoutValidation("X-Odd", new string('o', 8000)); break;
            case 13: headers.TryAddWithoutValidation("X-HTTP-Method-Override", "DELETE"); break;
            default: break;
        }

        return false;
    }
}
