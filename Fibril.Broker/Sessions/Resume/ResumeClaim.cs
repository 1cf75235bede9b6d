using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>What a HELLO came to: the identity that HELLO_OK carries, and the session behind it that a login will take over.</summary>
/// <param name="Outcome">As the client is told.</param>
/// <param name="Identity">The identity of the connection from now on.</param>
/// <param name="Session">The session that waits for the login; null when the login makes a new one.</param>
/// <param name="UserName">Who has to log in for the identity to be honoured; null for anybody (AUT-7).</param>
internal sealed record ResumeClaim(ResumeOutcome Outcome, ResumeIdentity Identity, Session? Session, string? UserName);
