using Fibril.Broker.Log;
using Fibril.Broker.Queues;
using Fibril.Broker.Sessions;
using Fibril.Broker.Sessions.Resume;
using Fibril.Broker.Streams;

namespace Fibril.Broker.Statistics;

/// <summary>What there is to look at in one broker.</summary>
internal sealed record BrokerParts(
    QueueRegistry Queues, StreamRegistry Streams, SessionRegistry Sessions, ConnectionRegistry Connections, IStorageFileSystem Files, string DataDirectory);
