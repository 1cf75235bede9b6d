using System.Collections.Concurrent;
using Fibril.Broker.Queues;
using Fibril.Protocol;

namespace Fibril.Broker.Sessions.Resume;

/// <summary>The sessions of the broker: those that are attached to a connection, and those that wait for one. Thread-safe.</summary>
internal sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<Guid, Session> _sessions = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly BrokerIdentity _broker;

    public SessionRegistry(
        ResumeOptions options, BrokerIdentity broker, QueueRegistry queues, SessionStore store, TimeProvider time, ILogger logger)
    {
        Options = options;
        _broker = broker;
        Queues = queues;
        Store = store;
        Time = time;
        Logger = logger;
        queues.Cohorts.NumberFrom(time.GetUtcNow());
    }

    public ResumeOptions Options { get; }

    public QueueRegistry Queues { get; }

    public SessionStore Store { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    public SessionCounters Counters { get; } = new();

    public IReadOnlyCollection<Session> All => (IReadOnlyCollection<Session>)_sessions.Values;

    /// <summary>Judges what a HELLO offers (7.12). Whoever gets a session with the answer calls <see cref="Session.EndHandshake"/> in the end.</summary>
    public ResumeClaim Claim(ResumeIdentity? offered)
    {
        ResumeClaim claim = Judge(offered);
        Counters.Count(claim.Outcome);
        return claim;
    }

    /// <summary>A connection has logged in: it gets the session that it claimed, or a new one.</summary>
    /// <returns>Null when the session belongs to another user (AUT-7).</returns>
    public async Task<Session?> AttachAsync(ResumeClaim claim, string userName, ClientConnection connection)
    {
        if (claim.UserName is { } owner && owner != userName) return null;
        while (true)
        {
            Session session = _sessions.GetOrAdd(
                claim.Identity.ClientId, static (_, made) => new Session(made.Registry, made.Identity, made.UserName),
                (Registry: this, claim.Identity, UserName: userName));
            if (session.UserName != userName) return null;
            if (await session.TryAttachAsync(connection)) return session;
            _sessions.TryRemove(KeyValuePair.Create(session.Identity.ClientId, session));
        }
    }

    /// <summary>Ends every session, so that what it holds is free. They may be resumed when the broker is back.</summary>
    public async Task StopAsync()
    {
        foreach (Session session in _sessions.Values) await session.StopAsync();
        await Task.WhenAll(_running.Keys);
    }

    /// <summary>Ends nothing, and waits for nobody any more: the broker has crashed.</summary>
    public void Abandon()
    {
        foreach (Session session in _sessions.Values) session.Abandon();
    }

    internal void Remove(Session session, bool staysSaved)
    {
        _sessions.TryRemove(KeyValuePair.Create(session.Identity.ClientId, session));
        if (!staysSaved) Store.Remove(session.Identity.ClientId);
    }

    /// <summary>Keeps a piece of work that nobody awaits until it is done.</summary>
    internal void Run(Task work)
    {
        if (work.IsCompletedSuccessfully) return;
        _running[work] = true;
        work.ContinueWith(
            static (done, self) =>
            {
                var registry = (SessionRegistry)self!;
                registry._running.TryRemove(done, out _);
                if (done.Exception is { } fault) registry.Logger.SessionFaulted(fault.GetBaseException());
            },
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private ResumeClaim Judge(ResumeIdentity? offered)
    {
        if (offered is not { } resume) return Fresh(ResumeOutcome.New);
        if (resume.OwnerId != _broker.OwnerId) return Fresh(ResumeOutcome.Rejected);
        if (_sessions.TryGetValue(resume.ClientId, out Session? session))
        {
            if (!ResumeToken.AreEqual(session.Identity.ResumeToken, resume.ResumeToken)) return Fresh(ResumeOutcome.Rejected);
            if (session.TryBeginHandshake()) return new ResumeClaim(ResumeOutcome.Resumed, session.Identity, session, session.UserName);
        }

        return Store.Find(resume.ClientId, resume.ResumeToken) is { } saved
            ? new ResumeClaim(ResumeOutcome.ResumedAfterRestart, resume, Session: null, saved.UserName)
            : Fresh(ResumeOutcome.NotFound);
    }

    private ResumeClaim Fresh(ResumeOutcome outcome)
    {
        var identity = new ResumeIdentity(_broker.OwnerId, Guid.CreateVersion7(Time.GetUtcNow()), ResumeToken.New());
        return new ResumeClaim(outcome, identity, Session: null, UserName: null);
    }
}
