using Fibril.Client.Connection;
using Fibril.Protocol;
using Microsoft.Extensions.Logging;

namespace Fibril.Client.Consuming;

// The messages stand in the order of their last renewal, the oldest in front, and one timer waits for that one. When it fires, all that are
// at least half as old leave in one frame: a steady stream of messages costs two frames a renewal interval, not one for each message.
// A timer that finds nothing to do is not set again, and a set one keeps no process alive.

/// <summary>Renews the leases of one leg's deliveries for as long as somebody may still settle them.</summary>
/// <remarks>
/// That is until a message is settled, nobody refers to it any more, its subscription is disposed before it was read, its lease is lost, or
/// its time is up. Messages that wait unread are kept too: otherwise they would go to someone else and be read here nevertheless.
/// Thread-safe. The lock is never held while something is sent.
/// </remarks>
internal sealed class LeaseKeeper
{
    /// <summary>Renewals per lease time: two can get lost before the lease does.</summary>
    public const int RenewalsPerLease = 3;

    private const int MostTagsPerFrame = 4096; // fits into the smallest frame limit there is
    private const uint LongestLeaseMs = int.MaxValue; // timers take no more
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan WithoutLeaseTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly SubscriptionLeg _leg;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private HeldLease? _oldest;
    private HeldLease? _newest;
    private TimeSpan? _leaseTime;
    private bool _isArmed;
    private bool _isClosed;

    /// <param name="leg">Whose deliveries are kept.</param>
    /// <param name="limit">Longest time from its arrival that a message is kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Learns of leases that were lost or given up.</param>
    public LeaseKeeper(SubscriptionLeg leg, TimeSpan limit, TimeProvider time, ILogger logger)
    {
        _leg = leg;
        _limit = limit;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => RenewDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Asks how long a lease is. Returns at once; the answer is waited for elsewhere.</summary>
    public void Start() => _ = AskAsync([]);

    /// <summary>Keeps the lease of a delivery that has just arrived; null when leases are not kept any more. Receive loop only.</summary>
    public HeldLease? Hold(ReceivedMessage message)
    {
        lock (_gate)
        {
            if (_isClosed) return null;
            var lease = new HeldLease(this, message, _time.GetTimestamp());
            Add(lease);
            Arm();
            return lease;
        }
    }

    /// <summary>Lets go of one lease; the broker ends it in its own time, or has done so.</summary>
    public void Forget(HeldLease lease)
    {
        lock (_gate) Remove(lease);
    }

    /// <summary>The subscription is disposed: what the application has is still kept, what it has not read is let go.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            for (HeldLease? lease = _oldest, next; lease is not null; lease = next)
            {
                next = lease.Next;
                if (!lease.IsHandedOut) Remove(lease);
            }
        }
    }

    /// <summary>Keeps nothing any more: there is no lease left, or no way to renew one.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_oldest is { } lease) Remove(lease);
        }

        _timer.Dispose();
    }

    private void RenewDue()
    {
        List<HeldLease> due = [];
        int overdue = 0;
        bool mustAsk;
        lock (_gate)
        {
            _isArmed = false;
            mustAsk = _leaseTime is null && _oldest is not null;
            TimeSpan ripe = _leaseTime is { } leaseTime ? leaseTime / RenewalsPerLease / 2 : TimeSpan.Zero;
            long now = _time.GetTimestamp();
            while (_oldest is { } lease && lease.RenewedAt != now && _time.GetElapsedTime(lease.RenewedAt, now) >= ripe)
            {
                Remove(lease);
                if (!lease.IsHeldElsewhere()) continue;
                if (_time.GetElapsedTime(lease.ArrivedAt, now) >= _limit)
                {
                    overdue++;
                    continue;
                }

                lease.RenewedAt = now;
                Add(lease);
                due.Add(lease);
            }

            Arm();
        }

        if (overdue > 0) _logger.LeasesGivenUp(_leg.ToString(), overdue, _limit);
        foreach (HeldLease[] frame in due.Chunk(MostTagsPerFrame)) _ = AskAsync(frame);
        if (due.Count == 0 && mustAsk) _ = AskAsync([]);
    }

    private async Task AskAsync(HeldLease[] leases)
    {
        try
        {
            ulong[] tags = [.. leases.Select(static lease => lease.Tag)];
            var request = new RenewalRequest(_leg, answer => Take(answer, leases));
            if (await _leg.Session.RenewAsync(_leg, tags, request, CancellationToken.None).ConfigureAwait(false) is null) Stop();
        }
        catch (FibrilStaleDeliveryException)
        {
            Stop(); // a lease ends with its session
        }
        catch (FibrilException failure)
        {
            _logger.RenewalFailed(_leg.ToString(), failure.Message); // they are due again before the lease ends
        }
    }

    private void Take(RenewLeaseOkMessage answer, HeldLease[] leases)
    {
        int lost = 0;
        lock (_gate)
        {
            if (answer.DeadTags.Count > 0)
            {
                HashSet<ulong> dead = [.. answer.DeadTags];
                foreach (HeldLease lease in leases)
                {
                    if (dead.Contains(lease.Tag) && Remove(lease)) lost++;
                }
            }

            if (answer.LeaseMs > 0)
            {
                _leaseTime = TimeSpan.FromMilliseconds(Math.Min(answer.LeaseMs, LongestLeaseMs));
                _isArmed = false;
                Arm();
            }
        }

        if (lost > 0) _logger.LeasesLost(_leg.ToString(), lost);
    }

    /// <summary>Sets the timer for the oldest, unless it is set already: at the latest for then.</summary>
    private void Arm()
    {
        if (_isArmed || _oldest is not { } oldest) return;
        _isArmed = true;
        TimeSpan wait = (_leaseTime / RenewalsPerLease ?? WithoutLeaseTime) - _time.GetElapsedTime(oldest.RenewedAt);
        _timer.Change(wait > LeastDelay ? wait : LeastDelay, Timeout.InfiniteTimeSpan);
    }

    private void Add(HeldLease lease)
    {
        lease.IsKept = true;
        lease.Previous = _newest;
        if (_newest is null) _oldest = lease;
        else _newest.Next = lease;
        _newest = lease;
    }

    /// <summary>False when it was not kept any more.</summary>
    private bool Remove(HeldLease lease)
    {
        if (!lease.IsKept) return false;
        lease.IsKept = false;
        if (lease.Previous is null) _oldest = lease.Next;
        else lease.Previous.Next = lease.Next;
        if (lease.Next is null) _newest = lease.Previous;
        else lease.Next.Previous = lease.Previous;
        lease.Previous = lease.Next = null;
        return true;
    }
}
