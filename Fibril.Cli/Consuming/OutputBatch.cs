using System.Buffers;
using Fibril.Cli.Output;
using Fibril.Client;

namespace Fibril.Cli.Consuming;

/// <summary>Messages on their way to standard output. They are settled when the operating system has all their bytes, never before.</summary>
internal sealed class OutputBatch(Stream output, MessageFormat format, Settlement? settlement) : MessageSink
{
    private const int FlushBytes = 64 << 10;
    private const int MostKeptBytes = 1 << 20;

    private readonly List<ReceivedMessage> _messages = [];
    private ArrayBufferWriter<byte> _bytes = new(2 * FlushBytes);

    public override bool IsFull => _bytes.WrittenCount >= FlushBytes;

    public override void Add(ReceivedMessage message)
    {
        format.Write(message, _bytes);
        _messages.Add(message);
    }

    /// <summary>Writes, then settles.</summary>
    /// <exception cref="BrokenPipeException">Nobody reads any more; nothing of this batch is acknowledged.</exception>
    /// <exception cref="FibrilConnectionException">It is written, and the connection is gone: the messages will come again.</exception>
    public override async ValueTask FlushAsync()
    {
        if (_messages.Count == 0) return;
        output.Write(_bytes.WrittenSpan);
        Written += _messages.Count;
        Unsettled += settlement is null ? 0 : _messages.Count;
        if (_bytes.Capacity > MostKeptBytes) _bytes = new ArrayBufferWriter<byte>(2 * FlushBytes);
        else _bytes.ResetWrittenCount();
        if (settlement is { } how) await SettleAsync(how);
        _messages.Clear();
    }

    private async ValueTask SettleAsync(Settlement how)
    {
        foreach (ReceivedMessage message in _messages)
        {
            await how.ApplyAsync(message);
            Unsettled--;
        }
    }
}
