namespace Fibril.Protocol;

/// <summary>The operation a frame carries. Numbers are frozen; a receiver dispatches on the number, never on the magic.</summary>
public enum OpCode : ushort
{
    /// <summary>Client opens the connection.</summary>
    Hello = 1,
    /// <summary>Reply to <see cref="Hello"/>.</summary>
    HelloOk = 2,
    /// <summary>Reply to <see cref="Hello"/>: the protocol version is not spoken here.</summary>
    HelloErr = 3,
    /// <summary>Client presents credentials.</summary>
    Auth = 10,
    /// <summary>Reply to <see cref="Auth"/>; empty body.</summary>
    AuthOk = 11,
    /// <summary>Reply to <see cref="Auth"/>: refused.</summary>
    AuthErr = 12,
    /// <summary>Client publishes a message.</summary>
    Publish = 20,
    /// <summary>Client publishes a message that becomes deliverable later.</summary>
    PublishDelayed = 21,
    /// <summary>Reply to a confirmed publish.</summary>
    PublishOk = 25,
    /// <summary>Client attaches to one partition of a queue.</summary>
    Subscribe = 30,
    /// <summary>Reply to <see cref="Subscribe"/> and <see cref="SubscribeStream"/>.</summary>
    SubscribeOk = 31,
    /// <summary>Failure reply to <see cref="Subscribe"/> and <see cref="SubscribeStream"/>.</summary>
    SubscribeErr = 32,
    /// <summary>Server pushes one message to a subscription.</summary>
    Deliver = 40,
    /// <summary>Client completes deliveries.</summary>
    Ack = 41,
    /// <summary>Client gives deliveries back, or fails them.</summary>
    Nack = 42,
    /// <summary>Server pushes a cohort member's new partition set.</summary>
    AssignmentChanged = 43,
    /// <summary>Either side asks for a sign of life; empty body.</summary>
    Ping = 50,
    /// <summary>Reply to <see cref="Ping"/>; empty body.</summary>
    Pong = 51,
    /// <summary>Client declares a queue.</summary>
    DeclareQueue = 60,
    /// <summary>Reply to <see cref="DeclareQueue"/>.</summary>
    DeclareQueueOk = 61,
    /// <summary>Client declares a stream.</summary>
    DeclarePlexus = 62,
    /// <summary>Reply to <see cref="DeclarePlexus"/>.</summary>
    DeclarePlexusOk = 63,
    /// <summary>Client attaches to one partition of a stream.</summary>
    SubscribeStream = 64,
    /// <summary>Client lists the subscriptions it still holds after a reconnect.</summary>
    ReconcileClient = 70,
    /// <summary>Reserved: the layout is fixed, v1 servers never send it.</summary>
    ReconcileServer = 71,
    /// <summary>Reply to <see cref="ReconcileClient"/>.</summary>
    ReconcileResult = 72,
    /// <summary>Client asks which broker owns what.</summary>
    Topology = 90,
    /// <summary>Reply to <see cref="Topology"/>.</summary>
    TopologyOk = 91,
    /// <summary>Alternative reply to a publish or subscribe: another broker owns the partition.</summary>
    Redirect = 92,
    /// <summary>Server pushes the complete topology after a change.</summary>
    TopologyUpdate = 101,
    /// <summary>Client reports the topology generation it now reflects.</summary>
    TopologyUpdateAck = 102,
    /// <summary>Server announces that it will stop.</summary>
    GoingAway = 103,
    /// <summary>Server ends a subscription.</summary>
    SubscriptionClosed = 104,
    /// <summary>Failure reply to any request; with an id nobody waits for, a connection error.</summary>
    Error = 255,

    // Extensions of this project. They start far above every number that v1 assigns, reserves or could still give away below ERROR, so
    // that neither side can meet one with another meaning (docs/protocol-extensions.md).

    /// <summary>Client asks for more time for deliveries it is still working on.</summary>
    RenewLease = 1000,
    /// <summary>Reply to <see cref="RenewLease"/>.</summary>
    RenewLeaseOk = 1001,
}
