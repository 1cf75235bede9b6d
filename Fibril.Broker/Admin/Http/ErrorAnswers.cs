using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Catalogue;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Queues.Replay;
using Fibril.Broker.Security.Passwords;
using Fibril.Broker.Streams;

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
        catch (Exception gone) when (context.RequestAborted.IsCancellationRequested && gone is OperationCanceledException or IOException)
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
            case IOException:
                string storageTrace = FaultTrace.New();
                logger.RequestFailed(context.Request.Method, context.Request.Path, RequestIds.Of(context), storageTrace, failure);
                return ApiError.WriteAsync(context, ApiErrorCodes.StorageFailed, $"{failure.Message.TrimEnd('.')}. {FaultTrace.Sentence(storageTrace)}");
            case var _ when CodeOf(failure) is { } code:
                return ApiError.WriteAsync(context, code, failure.Message);
            default:
                string trace = FaultTrace.New();
                logger.RequestFailed(context.Request.Method, context.Request.Path, RequestIds.Of(context), trace, failure);
                return ApiError.WriteAsync(context, ApiErrorCodes.InternalError, $"The broker met a fault. {FaultTrace.Sentence(trace)}");
        }
    }

    /// <summary>The code of what the broker refuses in words that are fit for callers; null for everything else.</summary>
    private static ApiErrorCode? CodeOf(Exception refusal) => refusal switch
    {
        PartitionUnavailableException or PartitionNotServingException => ApiErrorCodes.PartitionUnavailable,
        UnknownPartitionException { IsUnknownQueue: true } => ApiErrorCodes.UnknownQueue,
        UnknownPartitionException => ApiErrorCodes.UnknownPartition,
        UnknownStreamException { IsUnknownPartition: true } => ApiErrorCodes.UnknownPartition,
        UnknownStreamException => ApiErrorCodes.UnknownStream,
        ChannelKindException => ApiErrorCodes.ChannelKindConflict,
        StreamConflictException => ApiErrorCodes.DeclareConflict,
        QueueInUseException => ApiErrorCodes.QueueHasInflight,
        TooManyLoginsException => ApiErrorCodes.TooManyLogins,
        ReplayRefusedException => ApiErrorCodes.TooManyReplays,
        ReplayNotUndoableException => ApiErrorCodes.ReplayNotUndoable,
        _ => null,
    };

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
