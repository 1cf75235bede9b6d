using Fibril.Client.Consuming;
using Fibril.Client.Telemetry;

namespace Fibril.Client;

public sealed partial class ReceivedMessage
{
    private const int Unsettled = 0;
    private const int Completed = 1;
    private const int Failed = 2;
    private const int Retried = 3;

    private int _settledAs;

    /// <summary>True when there is nothing to settle any more: it was settled, or its subscription settles by itself.</summary>
    public bool IsSettled => _leg.AutoAck || Volatile.Read(ref _settledAs) != Unsettled;

    /// <summary>The message is done for good.</summary>
    /// <param name="cancellationToken">Checked once at the start.</param>
    /// <returns>
    /// Completes when the settlement is on its way, together with others. The broker does not answer settlements; one that gets lost, or comes
    /// after the message's lease, has no effect, and the message is delivered again.
    /// </returns>
    /// <exception cref="InvalidOperationException">The message was settled before, or its subscription settles by itself.</exception>
    /// <exception cref="FibrilStaleDeliveryException">The session is over that it came in; the broker delivers the message again.</exception>
    /// <exception cref="FibrilConnectionException">
    /// There is no connection at the moment. The message is not settled; trying again helps if the session is resumed in time.
    /// </exception>
    /// <remarks>A record of a stream moves the cursor of its subscription, and only forwards: it counts as completed with all before it.</remarks>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => Settle(Completed, Settlement.Complete, cancellationToken);

    /// <summary>The message failed for good: the queue's dead-letter policy decides what becomes of it.</summary>
    /// <exception cref="FibrilStreamSettlementException">It is a record of a stream.</exception>
    /// <inheritdoc cref="CompleteAsync" path="/*[not(self::summary)]"/>
    public ValueTask FailAsync(CancellationToken cancellationToken = default) => Settle(Failed, Settlement.Fail, cancellationToken);

    /// <summary>The message is to be delivered again at once; counts as a retry.</summary>
    /// <exception cref="FibrilStreamSettlementException">It is a record of a stream.</exception>
    /// <inheritdoc cref="CompleteAsync" path="/*[not(self::summary)]"/>
    public ValueTask RetryAsync(CancellationToken cancellationToken = default) => Settle(Retried, Settlement.Retry, cancellationToken);

    /// <summary>The message is to be delivered again after <paramref name="delay"/>, counted from this call; counts as a retry.</summary>
    /// <param name="delay">Not negative. Precise to a millisecond, and to the difference of this clock and the broker's.</param>
    /// <param name="cancellationToken">Checked once at the start.</param>
    /// <exception cref="FibrilStreamSettlementException">It is a record of a stream.</exception>
    /// <inheritdoc cref="CompleteAsync" path="/*[not(self::summary or self::param)]"/>
    public ValueTask RetryAfterAsync(TimeSpan delay, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        Claim(Retried);
        ClientOperation? operation = Report(OperationKind.Retry);
        try
        {
            _leg.Session.RetryAt(_leg, UnixTime.After(delay, _leg.Session.Context.Time), _tag, _deliverId);
            operation?.End();
            return ValueTask.CompletedTask;
        }
        catch (FibrilException notSent)
        {
            operation?.End(notSent);
            return NotSettled(notSent);
        }
    }

    private ValueTask Settle(int settledAs, Settlement kind, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        Claim(settledAs);
        ClientOperation? operation = Report(kind switch
        {
            Settlement.Complete => OperationKind.Complete,
            Settlement.Fail => OperationKind.Fail,
            _ => OperationKind.Retry,
        });
        try
        {
            _leg.Session.Settle(_leg, kind, _tag, _deliverId);
            operation?.End();
            return ValueTask.CompletedTask;
        }
        catch (FibrilException notSent)
        {
            operation?.End(notSent);
            return NotSettled(notSent);
        }
    }

    private ClientOperation? Report(OperationKind kind) =>
        _leg.Session.Context.Telemetry.StartSettle(kind, this, _leg.Session.Context.Time);

    private void Claim(int settledAs)
    {
        if (_leg.AutoAck) throw SettledWhenSent();
        if (_leg.Spec.IsStream && settledAs != Completed)
        {
            throw new FibrilStreamSettlementException(
                $"{this} can be completed and nothing else: a stream keeps its records, and has neither retries nor dead letters.");
        }

        int before = Interlocked.CompareExchange(ref _settledAs, settledAs, Unsettled);
        if (before == Unsettled)
        {
            _heldLease?.End();
            return;
        }

        string word = before switch
        {
            Completed => "completed",
            Failed => "failed",
            _ => "given back for a retry",
        };
        throw new InvalidOperationException($"This delivery of {this} was {word} already; a delivery is settled once.");
    }

    private InvalidOperationException SettledWhenSent() =>
        new($"The broker settled {this} when it sent it: its subscription has AutoAck set.");

    private ValueTask NotSettled(FibrilException reason)
    {
        Volatile.Write(ref _settledAs, Unsettled);
        return ValueTask.FromException(reason);
    }
}
