namespace Fibril.Broker.Admin;

/// <summary>What somebody may do at the admin listener; each includes the ones before it.</summary>
internal enum Access
{
    /// <summary>Nothing, not even look.</summary>
    None,

    /// <summary>Look at everything but the payloads of messages.</summary>
    View,

    /// <summary>Work with queues, streams and messages.</summary>
    Operate,

    /// <summary>Change settings, users and certificates.</summary>
    Administer,
}
