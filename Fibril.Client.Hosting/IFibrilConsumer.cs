namespace Fibril.Client.Hosting;

/// <summary>Does the work that messages ask for. Made anew for every message, in a dependency injection scope of its own.</summary>
public interface IFibrilConsumer
{
    /// <summary>Handles one message.</summary>
    /// <param name="message">
    /// Completed when the returned task completes, and given back or failed when it fails, unless it was settled here. Its lease is renewed meanwhile.
    /// </param>
    /// <param name="cancellationToken">
    /// Cancelled when the host stops and its shutdown timeout is over; who gives up then leaves the message to the next consumer.
    /// </param>
    Task ConsumeAsync(ReceivedMessage message, CancellationToken cancellationToken);
}
