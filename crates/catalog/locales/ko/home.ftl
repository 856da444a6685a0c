## Home
catalog-home-everything = 카탈로그 전체
catalog-home-all-of = { $name } 전체
catalog-home-fine = 정상
catalog-home-my-components = 우리 팀 컴포넌트
catalog-home-my-things = 우리 팀이 맡은 것
catalog-home-important = 가장 중요한 컴포넌트
catalog-home-things = 엔티티
catalog-home-and-more = { $names } 외 { $count }개
catalog-home-errors =
    { $count ->
        [1] { $name }에 오류가 있어요
       *[other] 엔티티 { $count }개에 오류가 있어요
    }
catalog-home-errors-action = 오류 보기
catalog-home-ownerless =
    { $count ->
        [1] { $name }에 소유자가 없어요
       *[other] 엔티티 { $count }개에 소유자가 없어요
    }
catalog-home-ownerless-action = 소유자 찾기
catalog-home-orphans =
    { $count ->
        [1] { JOSA($name, "을/를") } 더는 어디에서도 선언하지 않아요
       *[other] 엔티티 { $count }개를 더는 어디에서도 선언하지 않아요
    }
catalog-home-orphans-action = 고아 보기
catalog-home-conflicts =
    { $count ->
        [1] { JOSA($name, "을/를") } 두 곳에서 선언했어요
       *[other] 엔티티 { $count }개를 두 곳 이상에서 선언했어요
    }
catalog-home-conflicts-action = 두 곳 모두 보기
catalog-home-held = { $name }에서 삭제 { $count }건이 확인을 기다려요
catalog-home-held-note = 소스에서는 없어졌고, 누군가 확인할 때까지 여기에 남아 있어요.
catalog-home-held-action = 검토
catalog-home-source-failed = { JOSA($name, "을/를") } 읽지 못했어요
catalog-home-source-limited = { $name }의 요청 한도에 걸렸어요
catalog-home-source-late = { JOSA($name, "을/를") } 예정보다 늦게 읽고 있어요
catalog-home-unread = { $name }에서 문서 { $count }개를 이해하지 못했어요
catalog-home-source-action = 이유 보기
catalog-home-sources = 확인할 소스가 모두 { $count }개예요
catalog-home-sources-action = 소스 보기
catalog-home-created = { JOSA($name, "이/가") } 새로 생겼어요
catalog-home-created-many = 엔티티 { $count }개가 새로 생겼어요
catalog-home-updated = { JOSA($name, "이/가") } 바뀌었어요
catalog-home-updated-many = 엔티티 { $count }개가 바뀌었어요
catalog-home-deleted = { JOSA($name, "이/가") } 없어졌어요
catalog-home-deleted-many = 엔티티 { $count }개가 없어졌어요
catalog-home-version = 버전 { $version }
catalog-home-from = { $place }에서
