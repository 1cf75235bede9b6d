using Fibril.Client;

namespace Fibril.Tests.Support;

/// <summary>Reads a subscription of the real client.</summary>
internal static class SubscriptionExtensions
{
    /// <summary>The next message.</summary>
    public static async Task<ReceivedMessage> ReadOneAsync(this Subscription subscription)
    {
        await using IAsyncEnumerator<ReceivedMessage> reader = subscription.GetAsyncEnumerator();
        Assert.True(await Patience.Wait(reader.MoveNextAsync()), "The subscription has ended.");
        return reader.Current;
    }
}
