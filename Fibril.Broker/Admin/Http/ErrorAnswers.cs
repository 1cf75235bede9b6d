using Fibril.Broker.Channels;
using Fibril.Broker.Primitives;

namespace Fibril.Broker.Admin.Http;

/// <summary>Turns whatever goes wrong below it into the one error format of the admin API.</summary>
internal sealed class ErrorAnswers(RequestDelegate next, ILogger<ErrorAnswers> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        RequestIds.Assign(context);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return; // nobody is there to be answered
        }
        catch (Exception failure) when (!context.Response.HasStarted && failure is not OutOfMemoryException)
        {
            context.Response.Clear();
            context.Response.Headers[RequestIds.Header] = RequestIds.Of(context);
            await AnswerAsync(context, failure);
            return;
        }

        if (!context.Response.HasStarted && context.Response.ContentLength is null && string.IsNullOrEmpty(context.Response.ContentType))
            await AnswerEmptyAsync(context);
    }

    private Task AnswerAsync(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case ApiException refusal:
                return ApiError.WriteAsync(context, refusal.Code, refusal.Message, refusal.Details);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return ApiError.WriteAsync(context, ApiErrorCodes.PayloadTooLarge, $"The body is larger than {RequestBody.MostBytes} bytes, which is all this API takes.");
            case BadHttpRequestException bad:
                return ApiError.WriteAsync(context, ApiErrorCodes.InvalidRequest, bad.Message);
            case PartitionUnavailableException or PartitionNotServingException:
                return ApiError.WriteAsync(context, ApiErrorCodes.PartitionUnavailable, failure.Message);
            default:
                string trace = FaultTrace.New();
                logger.RequestFailed(context.Request.Method, context.Request.Path, RequestIds.Of(context), trace, failure);
                return ApiError.WriteAsync(context, ApiErrorCodes.InternalError, $"The broker met a fault. {FaultTrace.Sentence(trace)}");
        }
    }

    /// <summary>Answers of the framework that have no body, for paths and methods that do not exist.</summary>
    private static Task AnswerEmptyAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ApiError.WriteAsync(
                context, ApiErrorCodes.NotFound, $"There is nothing at {request.Path}. GET /admin/api lists what there is."),
            StatusCodes.Status405MethodNotAllowed => ApiError.WriteAsync(
                context, ApiErrorCodes.MethodNotAllowed, $"{request.Path} does not answer {request.Method}; it answers {context.Response.Headers.Allow}."),
            StatusCodes.Status415UnsupportedMediaType => ApiError.WriteAsync(
                context, ApiErrorCodes.UnsupportedMediaType, "Send the body as JSON, with the header Content-Type: application/json."),
            _ => Task.CompletedTask,
        };
    }
}
