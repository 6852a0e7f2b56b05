//! The data folder before anything runs on it: what it holds, and whether its account can get there.

use crate::account::Account;
use crate::error::ClusterError;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a data folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing yet.
    Nothing,
    /// A cluster of this major version.
    Cluster(u32),
}

/// Looks into a data folder.
///
/// # Errors
/// When it holds something that is not a cluster, or cannot be read.
pub(crate) fn look(data_dir: &Path) -> Result<Holds, ClusterError> {
    let error = |source| ClusterError::File {
        action: "read",
        path: data_dir.to_owned(),
        source,
    };
    match fs::read_to_string(data_dir.join("PG_VERSION")) {
        Ok(text) => {
            let major = text.trim().parse();
            major.map(Holds::Cluster).map_err(|_| ClusterError::NotACluster {
                folder: data_dir.to_owned(),
            })
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => match is_empty(data_dir) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(Holds::Nothing),
            Err(source) => Err(error(source)),
            Ok(true) => Ok(Holds::Nothing),
            Ok(false) => Err(ClusterError::NotACluster {
                folder: data_dir.to_owned(),
            }),
        },
        Err(source) => Err(error(source)),
    }
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(folder)?.next().is_none())
}

/// Makes sure that the account may enter every folder above these paths.
///
/// PostgreSQL's own complaint about this ("Permission denied") names neither folder nor account.
///
/// # Errors
/// Names the folder that is closed.
pub(crate) fn check_reachable(path: &Path, account: &Account) -> Result<(), ClusterError> {
    for folder in path
        .ancestors()
        .skip(1)
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let metadata = fs::metadata(folder).map_err(|source| ClusterError::File {
            action: "read",
            path: folder.to_owned(),
            source,
        })?;
        let bit = match () {
            () if metadata.uid() == account.uid => 0o100,
            () if metadata.gid() == account.gid => 0o010,
            () => 0o001,
        };
        if metadata.mode() & bit == 0 {
            return Err(ClusterError::Unreachable {
                folder: folder.to_owned(),
                account: account.name.clone(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_an_empty_folder_or_a_cluster_is_accepted() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(look(&folder.path().join("missing")).unwrap(), Holds::Nothing);
        assert_eq!(look(folder.path()).unwrap(), Holds::Nothing);
        fs::write(folder.path().join("letter.txt"), "").unwrap();
        assert!(matches!(
            look(folder.path()),
            Err(ClusterError::NotACluster { .. })
        ));
        fs::write(folder.path().join("PG_VERSION"), "15\n").unwrap();
        assert_eq!(look(folder.path()).unwrap(), Holds::Cluster(15));
    }

    #[test]
    fn a_closed_folder_on_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let stranger = Account {
            name: "stranger".to_owned(),
            uid: 4_000_001,
            gid: 4_000_001,
        };
        let data = folder.path().join("data");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        check_reachable(&data, &stranger).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        let error = check_reachable(&data, &stranger).unwrap_err();
        assert!(matches!(error, ClusterError::Unreachable { folder: closed, .. } if closed == folder.path()));
    }
}
