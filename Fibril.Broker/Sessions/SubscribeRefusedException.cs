namespace Fibril.Broker.Sessions;

/// <summary>A subscription clashes with what there is (409). The message is fit for clients.</summary>
internal sealed class SubscribeRefusedException(string message) : Exception(message);
