using System.Text;
using Fibril.Broker.Admin.Http;
using Fibril.Broker.Channels;
using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Channels.Slots;
using Fibril.Broker.Primitives;
using Fibril.Broker.Queues;
using Fibril.Broker.Streams;
using Fibril.Broker.Streams.Catalogue;
using Fibril.Protocol;

namespace Fibril.Broker.Admin;

/// <summary>Sends a message of an operator the way that every message goes (O-11). Thread-safe.</summary>
internal sealed class TestPublisher(QueueRegistry queues, StreamRegistry streams, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Publishes to a partition that is picked at random.</summary>
    /// <returns>The partition, and the offset there when the message is as durable as its channel promises.</returns>
    /// <exception cref="ApiException">There is no such channel, or it refused the message.</exception>
    /// <exception cref="UnconfirmedException">The message was not confirmed in time.</exception>
    public async Task<(int Partition, bool IsStream, long Offset)> PublishAsync(QueueName name, string text, string? contentType)
    {
        if (streams.Catalogue.Find(name) is { } stream)
        {
            int partition = Random.Shared.Next(stream.PartitionCount);
            using PartitionLease<StreamPartition> lease = await streams.AcquireAsync(new PartitionId(name, partition), PartitionUse.Visit);
            return (partition, true, await PublishAsync(lease.Partition, Build(text, contentType, stream.Settings.Tier == Durability.Speculative, null)));
        }

        if (queues.Catalogue.Find(name) is not { } queue)
        {
            throw new ApiException(
                ApiErrorCodes.PublishFailed, name.Group is not null && streams.Has(name.Topic)
                    ? $"Topic {name.Topic} is a stream, and streams have no groups; leave the group out."
                    : $"There is no queue and no stream {name}. Declare it first.");
        }

        int number = Random.Shared.Next(queue.PartitionCount);
        using PartitionLease<QueuePartition> visit = await queues.AcquireAsync(new PartitionId(name, number), PartitionUse.Visit);
        return (number, false, await PublishAsync(visit.Partition, Build(text, contentType, isSpeculative: false, queue.Settings.DeadlineFrom(NowMs))));
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<long> PublishAsync(IPublishTarget partition, (PublishBatch Batch, Sink Sink) message)
    {
        using var timeout = new CancellationTokenSource(LongestWait, time);
        try
        {
            await partition.PostAsync(message.Batch, timeout.Token);
            return await message.Sink.Answer.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            throw new UnconfirmedException($"The message was not confirmed within {LongestWait.TotalSeconds:0} s. It may still be stored.");
        }
    }

    private (PublishBatch Batch, Sink Sink) Build(string text, string? contentType, bool isSpeculative, long? deadline)
    {
        HeaderBlockBuilder headers = new HeaderBlockBuilder().Add("fibril.test", "admin");
        if (isSpeculative) headers.Add("fibril.speculative", "1");
        byte[] payload = Encoding.UTF8.GetBytes(text);
        var sink = new Sink();
        var message = new NewMessage
        {
            Published = (ulong)NowMs,
            ContentType = ContentType.FromHeader(Encoding.UTF8.GetBytes(MimeOf(contentType))),
            Headers = headers.Block,
            Payload = payload,
            Deadline = deadline,
        };
        PublishBatch batch = PublishBatch.RentFor(message, sink, time.GetTimestamp());
        batch.TryAdd(in message, NowMs, confirmId: 0);
        return (batch, sink);
    }

    private static string MimeOf(string? contentType) => contentType?.Trim() switch
    {
        null or "" or "text" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        { } mime => mime,
    };

    private sealed class Sink : IPublishSink
    {
        private readonly TaskCompletionSource<long> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<long> Answer => _answer.Task;

        public void Confirmed(PublishBatch batch)
        {
            foreach (ConfirmRequest confirm in batch.Confirms) _answer.TrySetResult(batch.OffsetOf(confirm));
        }

        public void Failed(PublishBatch batch, ErrorCode code, string message)
        {
            if (batch.Confirms.Count > 0) _answer.TrySetException(new ApiException(ApiErrorCodes.PublishFailed, message));
        }

        public void Flush()
        {
            // The answer is all there is.
        }
    }
}

/// <summary>Nobody knows whether the message is stored. The message of this is fit for operators.</summary>
internal sealed class UnconfirmedException(string message) : Exception(message);
