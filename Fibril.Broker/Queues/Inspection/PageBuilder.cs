using Fibril.Broker.Channels.Inspection;
using Fibril.Broker.Channels.Records;
using Fibril.Broker.Log;
using Fibril.Broker.Log.Records;
using Fibril.Broker.Queues.Storage;

namespace Fibril.Broker.Queues.Inspection;

/// <summary>Fills a page from what was found, within its bounds: messages, bytes on the page, and bytes read for it.</summary>
internal sealed class PageBuilder(InspectionRequest request)
{
    private const long MostPageBytes = 16 << 20;
    private const long MostReadBytes = 64 << 20;

    // Settled messages may have lost their records, and others may be moved meanwhile, so a look can bring nothing.
    private const int MostLooks = 16;

    private readonly List<InspectedMessage> _messages = [];
    private long _pageBytes;
    private long _bytesRead;
    private int _looks;
    private long _startOffset;
    private long _endOffset;

    /// <summary>First offset that was not looked at.</summary>
    public long NextOffset { get; private set; } = request.From;

    /// <summary>Messages there is still room for.</summary>
    public int Room => request.Limit - _messages.Count;

    /// <summary>True when the page is full, or enough was done for it.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Adds what was found, as far as it is stored (O-2). Blocks on the disk.</summary>
    public void Take(InspectionSlice slice)
    {
        (_startOffset, _endOffset) = (slice.StartOffset, slice.EndOffset);
        int state = 0;
        using var reader = new RunReader(slice.Messages, slice.Runs);
        while (!IsDone && reader.ReadNext() is { } block)
        {
            using (block) Take(block, slice.States, ref state);
            if (_bytesRead + reader.BytesRead >= MostReadBytes) IsDone = true;
        }

        _bytesRead += reader.BytesRead;
        bool tookAll = !IsDone || state == slice.States.Count;
        NextOffset = reader.GoneFrom ?? (tookAll ? slice.NextOffset : slice.States[state].Offset);
        IsDone |= Room == 0 || NextOffset >= slice.EndOffset || ++_looks == MostLooks;
    }

    public InspectionPage Build() => new(_messages, request.Limit, NextOffset, _startOffset, _endOffset);

    private void Take(RecordBlock block, IReadOnlyList<MessageState> states, ref int state)
    {
        for (int i = 0; i < block.Count; i++)
        {
            Record record = block[i];
            while (state < states.Count && states[state].Offset < record.Offset) state++; // not stored any more
            if (state == states.Count) return;
            if (states[state].Offset > record.Offset || record.Kind != MessageRecord.Kind) continue; // lies between those that were found, or is lost

            MessageContent content = MessageContent.Of(record, request.PreviewBytes);
            IsDone = _messages.Count > 0 && _pageBytes + content.HeldBytes > MostPageBytes;
            if (IsDone) return;
            _messages.Add(new InspectedMessage(states[state], content));
            _pageBytes += content.HeldBytes;
            state++;
        }
    }
}
