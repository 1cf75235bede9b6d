using Fibril.Broker.Admin.Http;
using Fibril.Broker.Admin.Login;

namespace Fibril.Broker.Admin.Events;

/// <summary>Live events (admin-api 7): full snapshots, again and again, for as long as somebody listens.</summary>
internal sealed class EventRoutes(EventFamilies families, AdminLogins logins, AdminSessions sessions, TimeProvider time, IHostApplicationLifetime lifetime) : IApiModule
{
    private const int MostListeners = 64;
    private const int DefaultIntervalMs = 2000;

    /// <summary>Proxies cut who says nothing for a minute or less.</summary>
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(15);

    private static readonly QueryParameter<string?> Families = Query.Text("families", "What to send, with commas between the names.");
    private static readonly QueryParameter<long> Interval = Query.Number("interval_ms", "Time between two frames, in milliseconds.", 1000, 60_000, DefaultIntervalMs);

    private static readonly QueryParameter<string?> HistoryQueues = HistoryArguments.Queues with
    {
        Description = "none leaves the samples of single queues out of the family history; all, or nothing, does not.",
    };

    private int _listeners;

    public void Map(ApiRoutes routes) =>
        routes.Get("/admin/api/events", "Server-sent events: a frame at once, and then at every interval.", ListenAsync)
            .With(Families, Interval, HistoryQueues).Sends("text/event-stream").May(ApiErrorCodes.InvalidFamilies, ApiErrorCodes.TooManyEventStreams);

    private async Task<object?> ListenAsync(ApiRequest request)
    {
        IReadOnlyList<string> wanted = families.Parse(request.Get(Families));
        TimeSpan interval = TimeSpan.FromMilliseconds(request.Get(Interval));
        _ = request.Get(HistoryQueues); // refused now, and not when frames are on their way
        try
        {
            if (Interlocked.Increment(ref _listeners) > MostListeners)
                throw new ApiException(ApiErrorCodes.TooManyEventStreams, $"{MostListeners} streams of events are open, which is as many as may; close one.");
            await SendAsync(request, wanted, interval);
        }
        finally
        {
            Interlocked.Decrement(ref _listeners);
        }

        return null;
    }

    private async Task SendAsync(ApiRequest request, IReadOnlyList<string> wanted, TimeSpan interval)
    {
        HttpResponse response = request.Context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no"; // a proxy in between must not collect them
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted, lifetime.ApplicationStopping);
        using var keepAlive = new PeriodicTimer(KeepAliveInterval, time);
        Task silence = keepAlive.WaitForNextTickAsync(ending.Token).AsTask();
        string? password = request.Caller.Login is { } login ? logins.PasswordOf(login) : null;
        try
        {
            while (MayGoOn(request.Caller, password))
            {
                // Making and sending a frame is part of its interval. Waiting for the bytes to go out is what makes one who is slow skip frames.
                Task due = Task.Delay(interval, time, ending.Token);
                byte[] frame = await families.TakeAsync(request, wanted);
                await response.Body.WriteAsync("event: tick\ndata: "u8.ToArray(), ending.Token);
                await response.Body.WriteAsync(frame, ending.Token);
                await response.Body.WriteAsync("\n\n"u8.ToArray(), ending.Token);
                await response.Body.FlushAsync(ending.Token);
                while (await Task.WhenAny(due, silence) != due)
                {
                    await response.Body.WriteAsync(": still here\n\n"u8.ToArray(), ending.Token);
                    await response.Body.FlushAsync(ending.Token);
                    silence = keepAlive.WaitForNextTickAsync(ending.Token).AsTask();
                }

                await due;
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Who listened has gone, or the broker stops.
        }
    }

    /// <summary>False when the caller could not begin to listen any more: the session has ended, or the user, the role or the password has changed.</summary>
    private bool MayGoOn(Caller caller, string? password) =>
        caller.Login is not { } login
        || (logins.AccessOf(login) >= Access.View && logins.PasswordOf(login) == password && (caller.Session is not { } session || sessions.IsAlive(session)));
}
