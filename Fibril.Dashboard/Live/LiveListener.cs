using System.Net.ServerSentEvents;
using Fibril.Dashboard.Api;

namespace Fibril.Dashboard.Live;

/// <summary>What is wanted of the live events.</summary>
/// <param name="Families">With commas between them; empty for none.</param>
/// <param name="Interval">Between two frames.</param>
internal sealed record LiveRequest(string Families, TimeSpan Interval)
{
    public static LiveRequest Nothing { get; } = new("", LiveFeed.Interval);
}

/// <summary>Listens to one stream of live events for as long as it is wanted, whatever happens to the broker meanwhile.</summary>
/// <param name="api">Whom to ask.</param>
/// <param name="time">For pauses, and to notice silence.</param>
/// <param name="request">What is wanted.</param>
/// <param name="hand">Gets every frame.</param>
/// <param name="fail">Gets every failure.</param>
internal sealed class LiveListener(AdminApi api, TimeProvider time, LiveRequest request, Func<LiveFrame, Task> hand, Action<AdminApiException> fail)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>A broker that says nothing for so long, beyond its interval, is lost, although nobody has ended the connection.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

    private TimeSpan _pause = FirstPause;

    /// <summary>Returns when it is not wanted any more, or a login is missing.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            AdminApiException failure = await ListenAsync(stopping);
            if (stopping.IsCancellationRequested) return;
            fail(failure);
            if (failure.NeedsLogin) return;
            await Task.Delay(_pause, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _pause = TimeSpan.FromTicks(Math.Min((_pause * 2).Ticks, LongestPause.Ticks));
        }
    }

    /// <returns>Why it has ended.</returns>
    private async Task<AdminApiException> ListenAsync(CancellationToken stopping)
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            using HttpResponseMessage response = await api.OpenEventsAsync(
                $"admin/api/events?families={request.Families}&interval_ms={request.Interval.TotalMilliseconds:0}&queues=none", stopping);
            await using Stream stream = await response.Content.ReadAsStreamAsync(stopping);
            listening.CancelAfter(LongestSilence + request.Interval);
            await foreach (SseItem<string> item in SseParser.Create(stream).EnumerateAsync(listening.Token))
            {
                await hand(LiveFrame.Parse(item.Data));
                _pause = FirstPause;
                listening.CancelAfter(LongestSilence + request.Interval);
            }

            return Lost("it has ended the stream of events.", null);
        }
        catch (AdminApiException failure)
        {
            return failure;
        }
        catch (OperationCanceledException failure)
        {
            return Lost($"it has said nothing for {LongestSilence.TotalSeconds:0} s.", failure);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Lost(failure.Message, failure); // a stream that is cut, or a frame that is none: the next stream may be better
        }
    }

    private AdminApiException Lost(string why, Exception? failure) => new(0, AdminApiException.Unreachable, $"The broker {api.Broker.Name} was lost: {why}", [], null, failure);
}
