using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Fibril.Cli.Admin;
using Fibril.Cli.Commands.Queues;
using Fibril.Cli.Views;

namespace Fibril.Cli.Commands.Top;

/// <summary>Asks a broker for one round of answers.</summary>
internal sealed class TopSource(AdminClient admin, TimeProvider time)
{
    private const int AtOnce = 8;

    private readonly long _started = time.GetTimestamp();

    /// <param name="order">Of the queues.</param>
    /// <param name="most">Queues at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">There was no answer, or a refusal.</exception>
    public async Task<TopReading> ReadAsync(TopOrder order, int most, CancellationToken cancellationToken)
    {
        JsonElement overview = await admin.GetAsync(new Route("/admin/api/overview"), cancellationToken);
        TimeSpan clock = time.GetElapsedTime(_started);
        JsonElement attention = await FindAsync(new Route("/admin/api/attention"), cancellationToken);
        JsonElement queues = await FindAsync(new Route("/admin/api/queues/list").With("sort", order.SortKey).With("limit", most), cancellationToken);
        var details = new ConcurrentDictionary<string, JsonElement>();
        await Parallel.ForEachAsync(
            queues.At("queues").Items(), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (queue, stopping) => details[QueueColumns.ChannelOf(queue)] = await FindAsync(
                new Route("/admin/api/queues/get").With("topic", queue.At("topic").Text()).With("group", queue.At("group").Text()), stopping));
        return new TopReading(time.GetUtcNow(), clock, overview, attention, queues, details);
    }

    /// <summary>Undefined for what is not there: an older broker has fewer routes, and queues are deleted.</summary>
    private async Task<JsonElement> FindAsync(Route route, CancellationToken cancellationToken)
    {
        AdminAnswer answer = await admin.SendAsync(HttpMethod.Get, route, null, cancellationToken);
        return answer.IsSuccess ? answer.Read()
            : answer.Status == HttpStatusCode.NotFound ? default
            : throw AdminFailure.Of(answer, admin.Address);
    }
}
