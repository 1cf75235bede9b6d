using Fibril.Client.Routing;

namespace Fibril.Client;

public sealed partial class ReceivedMessage
{
    internal string Destination => _leg.Queue.Destination;

    internal BrokerEndpoint Broker => _leg.Session.Endpoint;

    internal string? ConsumerGroup => _leg.Spec.Cohort;

    /// <summary>
    /// Begins to process the message: its activity becomes the current one, linked to whatever published the message, until the result is disposed.
    /// </summary>
    /// <returns>Null when nobody listens to activities or measurements of <c>Fibril.Client</c>; <c>using</c> takes that too.</returns>
    /// <remarks>
    /// The baggage of the publisher becomes the activity's. It is a root, or a child of the activity that is current, unless
    /// <see cref="FibrilClientOptions.ContinueTraces"/> makes it a child of what published the message.
    /// </remarks>
    public MessageProcessing? BeginProcessing()
    {
        Connection.ClientContext context = _leg.Session.Context;
        return context.Telemetry.StartProcess(this, context.Options.ContinueTraces, context.Time) is { } operation
            ? new MessageProcessing(operation)
            : null;
    }
}
