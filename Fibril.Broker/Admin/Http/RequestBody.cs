using System.Net.Mime;
using System.Text.Json;

namespace Fibril.Broker.Admin.Http;

/// <summary>Reads bodies strictly: what cannot be meant is refused with the field that is to blame.</summary>
internal static class RequestBody
{
    /// <summary>Largest accepted body, in bytes.</summary>
    public const int MostBytes = 2 << 20;

    /// <exception cref="ApiException">It is no JSON, or not of the shape that is wanted.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request) where T : class
    {
        if (!request.HasJsonContentType())
        {
            throw new ApiException(
                ApiErrorCodes.UnsupportedMediaType, $"Send the body as JSON, with the header Content-Type: {MediaTypeNames.Application.Json}.");
        }

        try
        {
            T body = await JsonSerializer.DeserializeAsync<T>(request.Body, ApiJson.Options, request.HttpContext.RequestAborted)
                ?? throw new ApiException(ApiErrorCodes.InvalidBody, "The body is null; send an object.");
            return NullElements.Find(body) is { } field ? throw BodyFaults.ExplainNull(field) : body;
        }
        catch (JsonException fault)
        {
            throw BodyFaults.Explain(fault, typeof(T));
        }
    }
}
