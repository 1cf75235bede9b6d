using System.Globalization;
using System.Text;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Messages come in, unless the queue is full; of some nobody is told whether they are durable. A producer numbers some of its own, and sends
// some of those again: they are confirmed where they are, and refused when they are.
internal sealed partial class ModelRun
{
    private readonly Dictionary<ulong, ReferenceMessage> _unanswered = [];
    private readonly Dictionary<ulong, ReferenceMessage> _repeated = []; // unanswered, too
    private readonly List<(TestMessage Sent, ReferenceMessage Message)> _numbered = [];
    private readonly List<bool> _isRepeat = []; // of the last batch
    private ulong _nextNumber;
    private int _accepted;

    private void Publish()
    {
        _doing = "publish";
        PostSome();
        _source.Run();
        Assert.True(_source.Partition.ParkedBecause is null, _source.Partition.ParkedBecause);
        Assert.Empty(_unanswered);
        Assert.Empty(_repeated);
    }

    /// <summary>Publishes without running what comes of it. What a full queue refuses is refused at once.</summary>
    private void PostSome()
    {
        var messages = new TestMessage[_random.Next(1, 6)];
        var stored = new ReferenceMessage[messages.Length];
        ulong first = _source.NextRequestId;
        _isRepeat.Clear();
        for (int i = 0; i < messages.Length; i++)
        {
            _isRepeat.Add(_numbered.Count > 0 && _random.Next(5) == 0);
            if (_isRepeat[i])
            {
                (messages[i], stored[i]) = _numbered[^_random.Next(1, Math.Min(_numbered.Count, 50) + 1)];
                _repeated[first + (ulong)i] = stored[i];
                continue;
            }

            (messages[i], stored[i]) = MakeMessage(i);
            _unanswered[first + (ulong)i] = stored[i];
        }

        _source.Post(messages);
        HashSet<ReferenceMessage> lost = [.. stored.Where((_, i) => !_isRepeat[i]).Skip(_accepted)];
        ulong[] refused = [.. Enumerable.Range(0, messages.Length).Where(i => lost.Contains(stored[i])).Select(i => first + (ulong)i)];
        _numbered.RemoveAll(entry => lost.Contains(entry.Message));
        Assert.Equal(refused, _source.Publisher.Failed.Where(static answer => IsFull(answer.Value)).Select(static answer => answer.Key).Order());
        foreach (ulong id in refused)
        {
            _unanswered.Remove(id);
            _repeated.Remove(id);
            _source.Publisher.Failed.Remove(id);
        }
    }

    private (TestMessage Sent, ReferenceMessage Message) MakeMessage(int index)
    {
        byte[] payload = Encoding.ASCII.GetBytes($"{_seed}/{_operation}/{index}".PadRight(_random.Next(12) == 0 ? _random.Next(6000) : 20, '.'));
        long notBefore = Math.Max(0, _random.Next(6) == 0 ? NowMs + _random.Next(-50, 2000) : 0);
        long? deadline = _random.Next(6) == 0 ? NowMs + _random.Next(0, 3000) : null;
        bool isDeadLetter = _random.Next(8) == 0;
        bool isNumbered = _random.Next(3) == 0;
        var message = new ReferenceMessage(payload, notBefore, deadline)
        {
            IsDeadLetter = isDeadLetter,
            Headers = isDeadLetter ? new() { ["customer"] = "7" } : [],
        };
        var sent = new TestMessage(payload, notBefore, deadline, isDeadLetter ? HeadersOfDeadLetter() : null, HasProducer: isNumbered);
        if (!isNumbered) return (sent, message);
        sent = sent with { Headers = Number(sent.Headers ?? new HeaderBlockBuilder(), message.Headers) };
        _numbered.Add((sent, message));
        return (sent, message);
    }

    /// <summary>Says which message of a producer it is, to the broker and to who expects its copy.</summary>
    private HeaderBlockBuilder Number(HeaderBlockBuilder headers, Dictionary<string, string> kept)
    {
        kept["fibril.client.producer_id"] = _random.Next(2) == 0 ? "a producer" : "another";
        kept["fibril.client.producer_seq"] = (++_nextNumber).ToString(CultureInfo.InvariantCulture);
        headers.Add("fibril.client.producer_id", kept["fibril.client.producer_id"]);
        headers.Add("fibril.client.producer_seq", kept["fibril.client.producer_seq"]);
        return headers;
    }

    private static bool IsFull(string answer) => answer.StartsWith($"Queue {PartitionHarness.Id.Queue} is full", StringComparison.Ordinal);

    /// <summary>What a message carries that has failed elsewhere before.</summary>
    private static HeaderBlockBuilder HeadersOfDeadLetter()
    {
        var headers = new HeaderBlockBuilder();
        headers.Add("stroma.dlq.source_topic", "elsewhere").Add("stroma.dlq.source_group", "us").Add("stroma.dlq.source_offset", "7")
            .Add("customer", "7").Add("stroma.dlq.retry_count", "99").Add("stroma.dlq.reason", "of an earlier death");
        return headers;
    }

    private void AdmitConfirmed(ulong requestId, long offset)
    {
        if (_repeated.Remove(requestId, out ReferenceMessage? original))
        {
            Assert.Equal(original.Offset, offset); // DUP-2
            return;
        }

        Assert.Equal(_reference.Count, offset); // S-2, PUB-7
        Assert.True(_unanswered.Remove(requestId, out ReferenceMessage? message));
        _reference.Admit(message);
    }

    /// <summary>Unanswered messages may have survived, whole and in order, from the first on (S-7).</summary>
    private void LearnWhatSurvived()
    {
        long survived = Look().End - _reference.Count;
        Assert.InRange(survived, 0, _unanswered.Count);
        foreach (ReferenceMessage message in _unanswered.OrderBy(static pair => pair.Key).Take((int)survived).Select(static pair => pair.Value))
            _reference.AdmitSurvivor(message);
        _unanswered.Clear();
        _repeated.Clear();
        _numbered.RemoveAll(static entry => entry.Message.Offset < 0);
    }

    /// <summary>A delivery of a message that nobody was answered for says that it has survived, and all before it.</summary>
    private void LearnFrom(TestDelivery delivery)
    {
        while (delivery.Offset >= _reference.Count && _unanswered.Count > 0)
        {
            _unanswered.Remove(_unanswered.Keys.Min(), out ReferenceMessage? survivor);
            _reference.AdmitSurvivor(survivor!);
        }
    }
}
