using System.Buffers;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Messages on their way to standard output. They are acknowledged when the operating system has all their bytes, never before.</summary>
internal sealed class OutputBatch(Stream output, MessageFormat format, bool acknowledges)
{
    private const int FlushBytes = 64 << 10;
    private const int MostKeptBytes = 1 << 20;

    private readonly List<ReceivedMessage> _messages = [];
    private ArrayBufferWriter<byte> _bytes = new(2 * FlushBytes);

    /// <summary>Messages whose bytes were written.</summary>
    public long Written { get; private set; }

    /// <summary>Messages that were written and could not be acknowledged.</summary>
    public long Unsettled { get; private set; }

    public bool IsFull => _bytes.WrittenCount >= FlushBytes;

    public void Add(ReceivedMessage message)
    {
        format.Write(message, _bytes);
        _messages.Add(message);
    }

    /// <summary>Writes, then acknowledges.</summary>
    /// <exception cref="BrokenPipeException">Nobody reads any more; nothing of this batch is acknowledged.</exception>
    /// <exception cref="FibrilConnectionException">It is written, and the connection is gone: the messages will come again.</exception>
    public async ValueTask FlushAsync()
    {
        if (_messages.Count == 0) return;
        output.Write(_bytes.WrittenSpan);
        Written += _messages.Count;
        Unsettled += acknowledges ? _messages.Count : 0;
        if (_bytes.Capacity > MostKeptBytes) _bytes = new ArrayBufferWriter<byte>(2 * FlushBytes);
        else _bytes.ResetWrittenCount();
        if (acknowledges) await AcknowledgeAsync();
        _messages.Clear();
    }

    private async ValueTask AcknowledgeAsync()
    {
        foreach (ReceivedMessage message in _messages)
        {
            await message.CompleteAsync();
            Unsettled--;
        }
    }
}
