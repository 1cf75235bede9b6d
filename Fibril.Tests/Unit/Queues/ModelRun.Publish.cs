using System.Text;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Messages come in, unless the queue is full; of some nobody is told whether they are durable.
internal sealed partial class ModelRun
{
    private readonly Dictionary<ulong, ReferenceMessage> _unanswered = [];
    private int _accepted;

    private void Publish()
    {
        _doing = "publish";
        PostSome();
        _source.Run();
        Assert.Empty(_unanswered);
    }

    /// <summary>Publishes without running what comes of it. What a full queue refuses is refused at once.</summary>
    private void PostSome()
    {
        var messages = new TestMessage[_random.Next(1, 6)];
        ulong first = _source.NextRequestId;
        for (int i = 0; i < messages.Length; i++)
        {
            byte[] payload = Encoding.ASCII.GetBytes($"{_seed}/{_operation}/{i}".PadRight(_random.Next(12) == 0 ? _random.Next(6000) : 20, '.'));
            long notBefore = _random.Next(6) == 0 ? NowMs + _random.Next(-50, 2000) : 0;
            long? deadline = _random.Next(6) == 0 ? NowMs + _random.Next(0, 3000) : null;
            bool isDeadLetter = _random.Next(8) == 0;
            messages[i] = new TestMessage(payload, Math.Max(0, notBefore), deadline, isDeadLetter ? HeadersOfDeadLetter() : null);
            _unanswered[first + (ulong)i] = new ReferenceMessage(payload, messages[i].NotBefore, deadline)
            {
                IsDeadLetter = isDeadLetter,
                Headers = isDeadLetter ? new() { ["customer"] = "7" } : [],
            };
        }

        _source.Post(messages);
        ulong[] refused = [.. Enumerable.Range(_accepted, messages.Length - _accepted).Select(i => first + (ulong)i)];
        Assert.Equal(refused, _source.Publisher.Failed.Where(static answer => IsFull(answer.Value)).Select(static answer => answer.Key).Order());
        foreach (ulong id in refused)
        {
            _unanswered.Remove(id);
            _source.Publisher.Failed.Remove(id);
        }
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
