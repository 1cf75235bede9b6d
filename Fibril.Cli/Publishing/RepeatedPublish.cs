using System.Text;
using System.Threading.Channels;
using Fibril.Client;

namespace Fibril.Cli.Publishing;

/// <summary>Publishes one message many times, at a rate if one is wanted, with many on the way at a time.</summary>
internal sealed class RepeatedPublish(Publisher publisher, PublishRequest request, byte[] payload, TimeProvider time)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly MessageTemplate? _template = request.IsTemplate ? new MessageTemplate(Encoding.UTF8.GetString(payload), time) : null;
    private long _confirmed;

    /// <summary>Messages that the broker has confirmed. Thread-safe.</summary>
    public long Confirmed => Interlocked.Read(ref _confirmed);

    /// <summary>Runs until all are confirmed. An interruption ends it after those that are on their way.</summary>
    /// <exception cref="FibrilException">One was refused, or the connection broke.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Channel<PublishConfirmation> pending = Channel.CreateBounded<PublishConfirmation>(new BoundedChannelOptions(request.InFlight) { SingleReader = true, SingleWriter = true });
        Task confirming = ConfirmAsync(pending.Reader);
        try
        {
            MessageProperties properties = request.CreateProperties();
            long started = time.GetTimestamp();
            for (long number = 1; number <= request.Count && !confirming.IsCompleted; number++)
            {
                await KeepRateAsync(number, started, cancellationToken);
                ReadOnlyMemory<byte> next = _template is null ? payload : Encoding.UTF8.GetBytes(_template.Make(number));
                await pending.Writer.WriteAsync(await publisher.BeginPublishAsync(next, properties, cancellationToken), cancellationToken);
            }
        }
        finally
        {
            pending.Writer.Complete();
            await confirming;
        }
    }

    private async Task KeepRateAsync(long number, long started, CancellationToken cancellationToken)
    {
        if (request.Rate is not { } rate) return;
        TimeSpan early = TimeSpan.FromSeconds((double)(number - 1) / rate) - time.GetElapsedTime(started);
        if (early > TimeSpan.Zero && (early > Tick || rate < 50)) await Task.Delay(early, time, cancellationToken);
    }

    private async Task ConfirmAsync(ChannelReader<PublishConfirmation> pending)
    {
        await foreach (PublishConfirmation confirmation in pending.ReadAllAsync())
        {
            await confirmation;
            Interlocked.Increment(ref _confirmed);
        }
    }
}
