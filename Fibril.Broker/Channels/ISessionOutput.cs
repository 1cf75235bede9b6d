namespace Fibril.Broker.Channels;

/// <summary>The sending side of one connection, as a partition sees it. Thread-safe; never blocks.</summary>
internal interface ISessionOutput
{
    /// <summary>Sends what was written since the last flush; called once at the end of a turn.</summary>
    void Flush();
}
