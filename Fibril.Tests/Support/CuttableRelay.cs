using System.Net;
using System.Net.Sockets;

namespace Fibril.Tests.Support;

/// <summary>How a relay breaks connections.</summary>
internal enum CutKind
{
    /// <summary>At once, without a goodbye.</summary>
    Reset,

    /// <summary>Both ends are told that nothing more will come, and may still send.</summary>
    HalfClose,

    /// <summary>Nothing gets through any more, and nobody is told, until the relay is disposed or cut again.</summary>
    Stall,
}

/// <summary>Stands between clients and a broker, which may be another one after a while, and breaks their connections when a test says so.</summary>
internal sealed class CuttableRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private readonly HashSet<Socket> _stalled = [];
    private readonly Task _accepting;
    private IPEndPoint _target;

    public CuttableRelay(IPEndPoint target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where connections go from now on.</summary>
    public void PointTo(IPEndPoint target)
    {
        lock (_gate) _target = target;
    }

    /// <summary>Sockets that are open, two for each connection.</summary>
    public int SocketCount
    {
        get
        {
            lock (_gate) return _sockets.Count;
        }
    }

    /// <summary>Breaks every connection there is, as a network does that fails.</summary>
    public void Cut(CutKind kind = CutKind.Reset)
    {
        Socket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets];
            if (kind == CutKind.Stall) _stalled.UnionWith(sockets);
            if (kind == CutKind.Reset) _sockets.Clear();
        }

        foreach (Socket socket in sockets) Break(socket, kind);
    }

    private static void Break(Socket socket, CutKind kind)
    {
        try
        {
            if (kind == CutKind.Reset) socket.Close(0);
            else if (kind == CutKind.HalfClose) socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        var relays = new List<Task>();
        try
        {
            while (true) relays.Add(RelayAsync(await _listener.AcceptSocketAsync()));
        }
        catch (Exception closed) when (closed is SocketException or InvalidOperationException)
        {
            Cut();
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        var broker = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        IPEndPoint target;
        lock (_gate)
        {
            target = _target;
            _sockets.Add(client);
            _sockets.Add(broker);
        }

        try
        {
            await broker.ConnectAsync(target);
            await Task.WhenAll(CopyAsync(client, broker), CopyAsync(broker, client));
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            // Either end is gone, so the other goes too.
        }
        finally
        {
            client.Dispose();
            broker.Dispose();
            lock (_gate)
            {
                _sockets.RemoveAll(socket => socket == client || socket == broker);
                _stalled.ExceptWith([client, broker]);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[64 << 10];
        int count;
        try
        {
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                if (IsStalled(from)) continue;
                for (int sent = 0; sent < count;) sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            from.Close(0);
            to.Close(0); // so that the other direction ends too
            throw;
        }
    }

    private bool IsStalled(Socket socket)
    {
        lock (_gate) return _stalled.Contains(socket);
    }
}
