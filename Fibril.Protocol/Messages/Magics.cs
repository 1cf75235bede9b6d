namespace Fibril.Protocol;

/// <summary>The first four bytes of every non-empty body, as big-endian numbers. Checked, never used for dispatch (OPS-2).</summary>
internal static class Magics
{
    internal const uint Hello = 0x46484C31;              // FHL1
    internal const uint HelloOk = 0x46484F31;            // FHO1
    internal const uint Error = 0x46455231;              // FER1
    internal const uint Auth = 0x46415531;               // FAU1
    internal const uint Publish = 0x46504231;            // FPB1
    internal const uint PublishDelayed = 0x46504431;     // FPD1
    internal const uint PublishOk = 0x46504F31;          // FPO1
    internal const uint Subscribe = 0x46534231;          // FSB1
    internal const uint SubscribeOk = 0x46534F31;        // FSO1
    internal const uint Deliver = 0x46444C31;            // FDL1
    internal const uint Ack = 0x46414B31;                // FAK1
    internal const uint Nack = 0x464E4B31;               // FNK1
    internal const uint AssignmentChanged = 0x46414331;  // FAC1
    internal const uint DeclareQueue = 0x46445131;       // FDQ1
    internal const uint DeclareQueueOk = 0x46444B31;     // FDK1
    internal const uint DeclarePlexus = 0x46445031;      // FDP1
    internal const uint DeclarePlexusOk = 0x46504B31;    // FPK1
    internal const uint SubscribeStream = 0x46535031;    // FSP1
    internal const uint ReconcileClient = 0x46524331;    // FRC1
    internal const uint ReconcileServer = 0x46525331;    // FRS1
    internal const uint ReconcileResult = 0x46525231;    // FRR1
    internal const uint Topology = 0x46545031;           // FTP1
    internal const uint TopologyOk = 0x46544F31;         // FTO1
    internal const uint Redirect = 0x46524431;           // FRD1
    internal const uint TopologyUpdate = 0x46545531;     // FTU1
    internal const uint TopologyUpdateAck = 0x46544131;  // FTA1
    internal const uint GoingAway = 0x46474131;          // FGA1
    internal const uint SubscriptionClosed = 0x46534331; // FSC1
    internal const uint RenewLease = 0x46524C31;         // FRL1
    internal const uint RenewLeaseOk = 0x464C5231;       // FLR1
}
