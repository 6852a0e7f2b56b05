//! A stream of the async world for a thread that blocks: archives are written and read where files are.

use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::runtime::Handle;

/// A stream as a blocking thread sees it.
pub(crate) struct Bridge<T> {
    stream: T,
    handle: Handle,
}

impl<T> Bridge<T> {
    /// To be called where the runtime is; used on a thread of its own.
    pub(crate) fn new(stream: T) -> Self {
        Self {
            stream,
            handle: Handle::current(),
        }
    }
}

impl<T: AsyncRead + Unpin> Read for Bridge<T> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.handle.block_on(self.stream.read(buffer))
    }
}

impl<T: AsyncWrite + Unpin> Write for Bridge<T> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.handle.block_on(self.stream.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.handle.block_on(self.stream.flush())
    }
}
