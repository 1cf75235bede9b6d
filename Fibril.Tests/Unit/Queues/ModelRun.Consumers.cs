using Fibril.Broker.Queues;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Queues;

// Consumers come and go, settle and renew, and do not always have room.
internal sealed partial class ModelRun
{
    private readonly List<(Consumer Consumer, TestDelivery Delivery)> _everDelivered = [];

    private void Subscribe()
    {
        if (_reference.Consumers.Count >= 5) return;
        bool autoAck = _random.Next(4) == 0;
        _doing = autoAck ? "subscribe with auto-ack" : "subscribe";
        var consumer = new Consumer(_source.Partition, _random.Next(1, 8), autoAck) { SendsAtOnce = _random.Next(3) > 0 };
        consumer.OnDelivery = delivery =>
        {
            Delivered(consumer, delivery);
            _everDelivered.Add((consumer, delivery));
        };
        _reference.Consumers.Add(consumer);
        Assert.True(_source.Partition.TryPost(new SubscribeCommand(consumer.Subscription)));
        _source.Run();
    }

    private void Delivered(Consumer consumer, TestDelivery delivery)
    {
        LearnFrom(delivery);
        _reference.Settle();
        _reference.Deliver(consumer, delivery);
    }

    private void Unsubscribe()
    {
        if (_reference.Consumers.Count == 0) return;
        _doing = "unsubscribe";
        Consumer consumer = Pick(_reference.Consumers);
        _reference.Release(consumer);
        _source.Unsubscribe(consumer);
    }

    /// <summary>Mostly a living tag by its holder; sometimes one that is dead, or somebody else's.</summary>
    private void SettleOne()
    {
        if (_everDelivered.Count == 0 || _reference.Consumers.Count == 0) return;
        (Consumer by, TestDelivery delivery) = _random.Next(5) == 0
            ? Pick(_everDelivered)
            : _everDelivered[_everDelivered.Count - 1 - _random.Next(Math.Min(8, _everDelivered.Count))];
        if (_random.Next(10) == 0) by = Pick(_reference.Consumers);
        if (by.Subscription.AutoAck || !_reference.Consumers.Contains(by)) return;
        PostSettle(by, delivery.Tag, _random.Next(10));
        _source.Run();
    }

    /// <summary>Settles without running what comes of it.</summary>
    private void PostSettle(Consumer by, ulong tag, int choice)
    {
        long notBefore = choice == 9 ? NowMs + _random.Next(-100, 1500) : 0;
        SettleKind kind = choice < 5 ? SettleKind.Complete : choice < 7 ? SettleKind.Fail : SettleKind.Retry;
        _doing += $"{(_doing.Length == 0 ? "" : ", ")}{kind} tag {tag}";
        if (kind == SettleKind.Retry) _reference.Retry(by, tag, notBefore);
        else if (kind == SettleKind.Fail) _reference.Fail(by, tag);
        else _reference.Complete(by, tag);
        SettleCommand command = SettleCommand.Rent(_source.Partition, by.Subscription, receivedAt: 0);
        command.Add(tag, kind, notBefore);
        Assert.True(_source.Partition.TryPost(command));
    }

    /// <summary>Settles some of what is leased, mostly in a way that makes dead letters, and runs nothing of what comes of it.</summary>
    private void PostSettlesOfSome()
    {
        foreach (ReferenceMessage message in _reference.Leased.Where(_ => _random.Next(3) > 0).ToArray())
            if (message.Holder is { Subscription.AutoAck: false } holder) PostSettle(holder, message.Tag, _random.Next(4, 10));
    }

    /// <summary>Living tags of a consumer, dead ones and those of others, in one request (L-19).</summary>
    private void RenewSome()
    {
        if (_everDelivered.Count == 0 || _reference.Consumers.Count == 0) return;
        Consumer by = Pick(_reference.Consumers);
        ulong[] tags = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _everDelivered[^(1 + _random.Next(Math.Min(12, _everDelivered.Count)))].Delivery.Tag)];
        _doing = $"renew tags {string.Join(", ", tags)}";
        ulong[] dead = [.. tags.Where(tag => !_reference.Renew(by, tag))];
        Assert.Equal(dead, _source.Renew(by, _random.Next(1, 4), tags).DeadTags);
    }

    private void ChangeRoom()
    {
        if (_reference.Consumers.Count == 0) return;
        Consumer consumer = Pick(_reference.Consumers);
        int room = _random.Next(3) == 0 ? 0 : _random.Next(1, 20);
        _doing = $"output with room for {room}";
        consumer.MakeRoom(room);
        if (consumer.Subscription.AutoAck && !consumer.SendsAtOnce && _random.Next(2) == 0)
        {
            _reference.SettleSent(consumer);
            consumer.Send();
        }

        _source.Run();
    }

    private void RemoveConsumers(Func<Consumer, bool> which)
    {
        Consumer[] leaving = [.. _reference.Consumers.Where(which)];
        foreach (Consumer consumer in leaving) consumer.Room = 0;
        foreach (Consumer consumer in leaving)
        {
            _reference.Release(consumer);
            _source.Unsubscribe(consumer);
        }
    }
}
