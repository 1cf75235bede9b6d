namespace Fibril.Broker.Queues.State;

/// <summary>How often what has happened to the messages of one partition since the last <see cref="Clear"/>. Belongs to the partition loop.</summary>
internal sealed class QueueTallies
{
    /// <summary>Settled by an acknowledgement, or because an auto-ack delivery was sent.</summary>
    public int Completed { get; set; }

    /// <summary>Settled or given back by a negative acknowledgement.</summary>
    public int Refused { get; set; }

    /// <summary>Due for another delivery: the lease has expired, or the consumer has asked for a retry.</summary>
    public int ComingBack { get; set; }

    /// <summary>Given up because the time to live was over.</summary>
    public int Expired { get; set; }

    public void Clear() => Completed = Refused = ComingBack = Expired = 0;
}
