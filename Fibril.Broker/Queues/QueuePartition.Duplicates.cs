using Fibril.Broker.Channels.Publishing;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Producers;

namespace Fibril.Broker.Queues;

// A producer that numbers its messages sends one again when its confirm did not come. The message may be stored all the same, so it is looked
// up before it gets an offset: a duplicate is confirmed with the offset of the original, once that is durable, and not stored (DUP-2). What is
// remembered stands in snapshots, and in the headers of the messages behind them.
internal sealed partial class QueuePartition
{
    private const int MostWaitingDuplicates = 64; // batches

    private readonly ProducerWindows _producers = new();
    private readonly List<DuplicateMessage> _duplicates = [];

    // Batches that have nothing to store, and where the log must be durable to before they are confirmed.
    private readonly Queue<(PublishBatch Batch, long DurableEnd)> _onlyDuplicates = new();

    /// <summary>Takes messages out of a batch that were sent before.</summary>
    private void TakeOutDuplicates(PublishBatch batch)
    {
        if (!batch.HasProducers) return;
        long next = _messages.NextOffset;
        for (int i = 0; i < batch.Block.Count; i++)
        {
            Record record = batch.Block[i];
            if (ProducerStamp.TryRead(record, out ProducerStamp stamp) && _producers.Remember(stamp, next, record.Timestamp) is { } original)
                _duplicates.Add(new DuplicateMessage(i, original));
            else
                next++;
        }

        if (_duplicates.Count == 0) return;
        batch.TakeOut(_duplicates);
        _duplicates.Clear();
    }

    /// <summary>Forgets messages of a batch, from one on, that are about to be refused.</summary>
    private void ForgetProducers(PublishBatch batch, int from)
    {
        if (!batch.HasProducers) return;
        for (int i = from; i < batch.Block.Count; i++)
            if (ProducerStamp.TryRead(batch.Block[i], out ProducerStamp stamp)) _producers.Forget(stamp, _messages.NextOffset + i);
    }

    /// <summary>Lets a batch wait whose originals may still be on their way to the disk.</summary>
    private void EnqueueDuplicates(PublishBatch batch)
    {
        if (batch.Confirms.Count == 0)
        {
            batch.Return();
            return;
        }

        batch.TakeBlock().Dispose();
        _onlyDuplicates.Enqueue((batch, batch.Confirms.Max(static confirm => confirm.Original) + 1));
    }

    /// <summary>Answers for duplicates whose originals became durable, or never may.</summary>
    private void CompleteDuplicates()
    {
        while (_onlyDuplicates.TryPeek(out (PublishBatch Batch, long DurableEnd) waiting))
        {
            if (waiting.DurableEnd <= _messages.DurableEnd) Confirm(waiting.Batch);
            else if (WhyRefused() is var (code, text)) Fail(waiting.Batch, code, text);
            else return;
            _onlyDuplicates.Dequeue().Batch.Return();
        }
    }
}
