using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Fibril.Broker.Admin.Http;

/// <summary>Describes the routes for machines (OpenAPI 3.1): made of the same descriptions that answer the requests, so it cannot be stale.</summary>
internal static class OpenApiDocument
{
    private const string JsonMediaType = "application/json";
    private const string ErrorSchema = nameof(ApiError);

    private static readonly JsonSchemaExporterOptions SchemaOptions = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Refine };

    // What every route may answer, whatever it is for.
    private static readonly ApiErrorCode[] Common =
    [
        ApiErrorCodes.InvalidArgument, ApiErrorCodes.Unauthorized, ApiErrorCodes.Forbidden, ApiErrorCodes.HostNotAllowed, ApiErrorCodes.TooManyLogins, ApiErrorCodes.InternalError,
    ];

    private static readonly ApiErrorCode[] CommonWithChange = [ApiErrorCodes.CrossSiteRequest, ApiErrorCodes.CsrfTokenMissing];

    private static readonly ApiErrorCode[] CommonWithBody =
        [ApiErrorCodes.InvalidRequest, ApiErrorCodes.InvalidBody, ApiErrorCodes.PayloadTooLarge, ApiErrorCodes.UnsupportedMediaType];

    public static JsonObject Build(IReadOnlyList<ApiRoute> routes, string version)
    {
        var schemas = new JsonObject { [ErrorSchema] = SchemaOf(typeof(ApiError)) };
        var paths = new JsonObject();
        foreach (ApiRoute route in routes)
        {
            if (paths[route.Path] is not JsonObject path) paths[route.Path] = path = [];
            path[route.Method.ToLowerInvariant()] = Describe(route, schemas);
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Fibril admin API",
                ["version"] = version,
                ["description"] = "Everything an operator or a script does with one broker. Errors have one format, and a stable code.",
            },
            ["security"] = new JsonArray(new JsonObject { ["basic"] = new JsonArray() }, new JsonObject { ["session"] = new JsonArray() }, new JsonObject()),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["basic"] = new JsonObject { ["type"] = "http", ["scheme"] = "basic" },
                    ["session"] = new JsonObject { ["type"] = "apiKey", ["in"] = "cookie", ["name"] = Login.AdminAuthentication.CookieName },
                },
            },
        };
    }

    private static JsonObject Describe(ApiRoute route, JsonObject schemas)
    {
        var operation = new JsonObject
        {
            ["operationId"] = OperationId(route),
            ["summary"] = route.Summary,
            ["description"] = $"Takes the role {Caller.RoleOf(route.Access)}.",
            ["tags"] = new JsonArray(route.Path.Split('/').Skip(3).FirstOrDefault() ?? "api"),
        };
        var parameters = new JsonArray();
        foreach (string name in PathParameters(route)) parameters.Add(new JsonObject { ["name"] = name, ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" } });
        foreach (QueryParameter parameter in route.Parameters) parameters.Add(Describe(parameter));
        if (parameters.Count > 0) operation["parameters"] = parameters;
        if (route.BodyType is { } body)
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { [JsonMediaType] = new JsonObject { ["schema"] = Reference(body, schemas) } } };
        }

        operation["responses"] = Responses(route, schemas);
        return operation;
    }

    private static JsonObject Responses(ApiRoute route, JsonObject schemas)
    {
        Type? answer = route.DocumentType ?? route.AnswerType;
        JsonObject Schema() => answer is null || answer == typeof(object) ? [] : route.MayBeNull ? OrNull(Reference(answer, schemas)) : Reference(answer, schemas);
        var responses = new JsonObject { [Text(route.SuccessStatus)] = Response("Done.", route.MediaType, Schema()) };
        if (route.DocumentType is not null)
            responses[Text(StatusCodes.Status409Conflict)] = Response("The document has changed since the version that was sent; this is the present one.", JsonMediaType, Schema());
        foreach (IGrouping<int, ApiErrorCode> status in ErrorsOf(route).GroupBy(static code => code.Status).OrderBy(static group => group.Key))
            responses[Text(status.Key)] = Response(string.Join(" ", status.Select(static code => $"{code.Name}: {code.Cause}")), JsonMediaType, ErrorWith(status));
        return responses;
    }

    /// <summary>Everything that a route may refuse with, whether of its own or in common with others.</summary>
    public static IEnumerable<ApiErrorCode> ErrorsOf(ApiRoute route) => Common
        .Concat(route.IsChange ? CommonWithChange : [])
        .Concat(route.BodyType is null ? [] : CommonWithBody)
        .Concat(route.Errors)
        .Distinct();

    private static JsonObject Response(string description, string mediaType, JsonObject schema) =>
        new() { ["description"] = description, ["content"] = new JsonObject { [mediaType] = new JsonObject { ["schema"] = schema } } };

    private static JsonObject OrNull(JsonObject schema) => new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };

    private static JsonObject ErrorWith(IEnumerable<ApiErrorCode> codes) => new()
    {
        ["allOf"] = new JsonArray(
            new JsonObject { ["$ref"] = $"#/components/schemas/{ErrorSchema}" },
            new JsonObject
            {
                ["properties"] = new JsonObject { ["code"] = new JsonObject { ["enum"] = new JsonArray([.. codes.Select(static code => JsonValue.Create(code.Name))]) } },
            }),
    };

    private static JsonObject Describe(QueryParameter parameter)
    {
        var schema = new JsonObject { ["type"] = parameter.Type };
        if (parameter.Minimum is { } minimum) schema["minimum"] = minimum;
        if (parameter.Maximum is { } maximum) schema["maximum"] = maximum;
        if (parameter.Values is { } values && parameter.Type == "string") schema["enum"] = new JsonArray([.. values.Select(static value => JsonValue.Create(value))]);
        return new JsonObject { ["name"] = parameter.Name, ["in"] = "query", ["required"] = parameter.IsRequired, ["description"] = parameter.Description, ["schema"] = schema };
    }

    private static JsonObject Reference(Type type, JsonObject schemas)
    {
        if (type.IsGenericType) return new JsonObject { ["type"] = "array", ["items"] = Reference(type.GetGenericArguments()[0], schemas) };
        if (!schemas.ContainsKey(type.Name)) schemas[type.Name] = SchemaOf(type);
        return new JsonObject { ["$ref"] = $"#/components/schemas/{type.Name}" };
    }

    private static JsonNode SchemaOf(Type type)
    {
        JsonNode schema = ApiJson.Options.GetJsonSchemaAsNode(type, SchemaOptions);
        Anchor(schema, $"#/components/schemas/{type.Name}");
        return schema;
    }

    /// <summary>The exporter names what it has described before by its place in the schema, which here is a part of the document.</summary>
    private static void Anchor(JsonNode? node, string root)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (JsonNode? item in items) Anchor(item, root);
                break;
            case JsonObject members:
                if (members["$ref"] is JsonValue place) members["$ref"] = root + place.GetValue<string>()[1..];
                foreach ((_, JsonNode? member) in members) Anchor(member, root);
                break;
        }
    }

    /// <summary>Ids of clients are random texts, and some fields are there only when there is something to say: what the exporter leaves open is said here.</summary>
    private static JsonNode Refine(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is JsonValue) return new JsonObject(); // "anything", spelled so that every reader knows it
        if (schema is JsonObject described && (context.TypeInfo.Type == typeof(Guid) || context.TypeInfo.Type == typeof(Guid?))) described["format"] = "uuid";
        if (schema is JsonObject { Count: > 0 } members) DescribeRareFields(context.TypeInfo.Properties, members);
        return schema;
    }

    private static void DescribeRareFields(IEnumerable<JsonPropertyInfo> properties, JsonObject schema)
    {
        foreach (JsonPropertyInfo property in properties)
        {
            if (property.IsExtensionData) schema["additionalProperties"] = true;
            if (!IsLeftOutWhenNull(property) || schema["required"] is not JsonArray required) continue;
            if (required.FirstOrDefault(name => (string?)name == property.Name) is { } rare) required.Remove(rare);
        }
    }

    private static bool IsLeftOutWhenNull(JsonPropertyInfo property) => property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true)
        .Cast<JsonIgnoreAttribute>().Any(static ignore => ignore.Condition == JsonIgnoreCondition.WhenWritingNull) == true;

    private static IEnumerable<string> PathParameters(ApiRoute route) =>
        route.Path.Split('/').Where(static step => step is ['{', .., '}']).Select(static step => step[1..^1]);

    private static string OperationId(ApiRoute route) =>
        route.Method.ToLowerInvariant() + "_" + string.Join('_', route.Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Skip(2)
            .Select(static step => step.Trim('{', '}').Replace('-', '_')).DefaultIfEmpty("index"));

    private static string Text(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
